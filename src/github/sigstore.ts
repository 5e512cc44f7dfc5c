// Loaded when the first statement is signed. By way of this file, a bundle gives the library's names as Node does.
export { attest } from 'sigstore';
