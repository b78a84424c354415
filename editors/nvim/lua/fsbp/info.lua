--- What runs where, for a person who looks for the cause of something.
local clients = require('fsbp.clients')
local config = require('fsbp.config')
local messages = require('fsbp.messages')

local M = {}

local PATIENCE = 3000

function M.version()
  local version = vim.version()
  return ('%d.%d.%d'):format(version.major, version.minor, version.patch)
end

--- The answer of `fsbp.server.debugInfo`, '' when the server does not answer in time.
function M.debug(client)
  return clients.ask(client, 'fsbp.server.debugInfo', {}, PATIENCE) or ''
end

--- What the server reads an open file as, or why it does not check it; nil when it does not have it open.
--- @param debug string
function M.verdict(debug, bufnr)
  local start = '  ' .. vim.uri_from_bufnr(bufnr) .. ' version '
  for _, line in ipairs(vim.split(debug, '\n', { plain = true })) do
    if vim.startswith(line, start) then
      return line:sub(#start + 1):gsub('^%d+, %d+ bytes, ', ''):gsub('^sha256 %x+, ', '')
    end
  end
end

local function log_path()
  return vim.lsp.log and vim.lsp.log.get_filename and vim.lsp.log.get_filename() or vim.lsp.get_log_path()
end

function M.show(mods)
  local here = vim.api.nvim_get_current_buf()
  local command, why = config.server()
  local lines = {
    'Neovim ' .. M.version() .. ' on ' .. (vim.loop.os_uname().sysname or '?'),
    'server: ' .. (command and table.concat(command, ' ') or why),
    'log of Neovim: ' .. log_path(),
    '',
  }
  local running = clients.of()
  if #running == 0 then
    table.insert(lines, 'No server is running.')
  end
  local refusal = config.refusal(here)
  if #clients.of(here) == 0 and refusal then
    table.insert(lines, 'This buffer is not checked: ' .. refusal)
  end
  for _, client in ipairs(running) do
    table.insert(lines, ('client %d, root %s'):format(client.id, client.config.root_dir or 'none'))
    for _, line in ipairs(vim.split(M.debug(client), '\n', { plain = true })) do
      table.insert(lines, line ~= '' and '  ' .. line or '')
    end
  end
  require('fsbp.page').show('info', lines, nil, mods)
end

function M.log(mods)
  local lines = { 'Messages of fsbp-lsp; what it writes to its error output is in ' .. log_path(), '' }
  if #messages.log == 0 then
    table.insert(lines, 'Nothing was logged.')
  end
  for _, message in ipairs(messages.log) do
    vim.list_extend(lines, vim.split(message, '\n', { plain = true }))
  end
  require('fsbp.page').show('log', lines, nil, mods)
end

return M
