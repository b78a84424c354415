import './backoff';
import './dates';
import './discovery';
import './manifest';
import './selector';
import './settings';
import './tags';
import './wake';
