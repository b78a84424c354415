--- Ignore a finding, with a reason and, if wanted, the last day it holds.
local clients = require('fsbp.clients')
local config = require('fsbp.config')
local findings = require('fsbp.findings')

local M = {}

local function fingerprint(diagnostic)
  local sent = (diagnostic.user_data or {}).lsp or {}
  return (sent.data or {}).fingerprint
end

--- Asks until it gets a date, nothing (''), or is left (nil is never passed on).
local function ask_until(control, done)
  vim.ui.input({ prompt = ('Ignore %s until (YYYY-MM-DD, empty for ever): '):format(control) }, function(answer)
    if answer == nil then
      return
    end
    answer = vim.trim(answer)
    if answer ~= '' and not answer:match('^%d%d%d%d%-%d%d%-%d%d$') then
      config.say(answer .. ' is not a date such as ' .. os.date('%Y-%m-%d'), vim.log.levels.WARN)
      return ask_until(control, done)
    end
    if answer ~= '' and answer < os.date('%Y-%m-%d') then
      config.say(answer .. ' is over', vim.log.levels.WARN)
      return ask_until(control, done)
    end
    done(answer)
  end)
end

--- Asks about one finding and has the server write the comment.
--- @param about table uri, fingerprint, control, file
function M.finding(client, about)
  if not clients.offers(client, 'fsbp.ignore') then
    return
  end
  vim.ui.input({ prompt = ('Why is %s acceptable here? '):format(about.control) }, function(reason)
    if reason == nil then
      return
    end
    if vim.trim(reason) == '' then
      config.say('nothing was ignored: it needs a reason', vim.log.levels.WARN)
      return
    end
    ask_until(about.control, function(last)
      local asked = vim.tbl_extend('force', about, { reason = vim.trim(reason), ['until'] = last })
      clients.execute(client, 'fsbp.ignore', { asked }, function(err, result)
        if err then
          config.say('nothing was ignored: ' .. err.message, vim.log.levels.ERROR)
        elseif not (result and result.applied) then
          config.say('nothing was ignored', vim.log.levels.WARN)
        end
      end)
    end)
  end)
end

--- @param options table|nil file: for the whole file
function M.ask(options)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = clients.need(bufnr)
  if not client then
    return
  end
  local found = vim.tbl_filter(fingerprint, findings.at_cursor(bufnr))
  if #found == 0 then
    config.say('no finding at the cursor', vim.log.levels.WARN)
    return
  end
  local function show(diagnostic)
    return diagnostic.code .. ': ' .. vim.split(diagnostic.message, '\n', { plain = true })[1]
  end
  findings.pick(found, 'Ignore', show, function(diagnostic)
    M.finding(client, {
      uri = vim.uri_from_bufnr(bufnr),
      fingerprint = fingerprint(diagnostic),
      control = diagnostic.code,
      file = options ~= nil and options.file == true,
    })
  end)
end

return M
