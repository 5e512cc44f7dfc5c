import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);
import{b as r,c as a}from"./chunk-76YQHCYJ.js";import"./chunk-X6C5XBMU.js";export{a as creator,r as rules};
