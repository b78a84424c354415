import './backoff';
import './discovery';
import './ignoreText';
import './manifest';
import './selector';
import './settings';
import './tags';
import './wake';
