/** GitHub's limits, with where they bite. Lengths are characters unless the name says bytes. */

/** Issue, pull request, comment and review bodies. */
export const BODY_MAX_CHARACTERS = 65_536;
/** Titles of issues and pull requests. */
export const TITLE_MAX_CHARACTERS = 256;
/** `output.summary` and `output.text` of a check run: bytes of UTF-8. */
export const CHECK_TEXT_MAX_BYTES = 65_535;
export const CHECK_TITLE_MAX_CHARACTERS = 255;
/** Annotations accepted in one request; further requests append. */
export const ANNOTATIONS_PER_REQUEST = 50;
/** `message` and `raw_details` of an annotation. */
export const ANNOTATION_TEXT_MAX_BYTES = 65_536;
export const ANNOTATION_TITLE_MAX_CHARACTERS = 255;
export const ACTIONS_PER_RUN = 3;
export const ACTION_LABEL_MAX = 20;
export const ACTION_DESCRIPTION_MAX = 40;
export const ACTION_IDENTIFIER_MAX = 20;
export const LABEL_NAME_MAX = 50;
export const LABEL_DESCRIPTION_MAX = 100;
export const LABELS_PER_ISSUE = 100;
export const STATUS_DESCRIPTION_MAX = 140;
export const ASSIGNEES_MAX = 10;
/** An App's JSON Web Token may live this long at most. */
export const APP_JWT_MAX_SECONDS = 600;
export const INSTALLATION_TOKEN_LIFETIME_MS = 60 * 60 * 1000;
export const DELIVERY_TIMEOUT_MS = 10_000;
/** Largest request body the forge reads: above GitHub's own limits for what it serves, small enough to hold in memory. */
export const REQUEST_MAX_BYTES = 48 * 1024 * 1024;
/** Files listed by compare and pull request endpoints. */
export const COMPARE_FILES_MAX = 300;
export const PULL_FILES_MAX = 3_000;
/** A patch longer than this is left out of a file entry. */
export const PATCH_MAX_LINES = 3_000;
/** Files above this size have no `content` in the contents API. */
export const CONTENTS_MAX_BYTES = 1024 * 1024;
