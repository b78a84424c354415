--- `:checkhealth fsbp`
local clients = require('fsbp.clients')
local config = require('fsbp.config')
local findings = require('fsbp.findings')
local info = require('fsbp.info')

local M = {}

-- Neovim 0.9 renamed all of these.
local health = vim.health or require('health')
local start = health.start or health.report_start
local ok = health.ok or health.report_ok
local note = health.info or health.report_info
local warn = health.warn or health.report_warn
local fail = health.error or health.report_error

local INSTALL = {
  'install it: `uv tool install fsbp-lsp`, `pipx install fsbp-lsp`, or with pip from a clone of the repository',
  "or name it: `require('fsbp').setup({ cmd = { '/path/to/.venv/bin/fsbp-lsp' } })`",
}

local function run(command)
  local said = vim.fn.system(command)
  return vim.v.shell_error == 0, vim.trim(said)
end

local function python()
  for _, name in ipairs({ 'python3', 'python' }) do
    if vim.fn.executable(name) == 1 then
      local fine, version = run({ name, '-c', 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))' })
      if fine then
        return ok(('Python %s at %s can run it'):format(version, vim.fn.exepath(name)))
      end
      return warn(('Python %s at %s is too old to run it'):format(version, vim.fn.exepath(name)), { 'Python 3.11 or later is needed' })
    end
  end
  warn('there is no Python on the PATH', { 'Python 3.11 or later is needed' })
end

local function server()
  start('fsbp: the server')
  local native = vim.fn.has('nvim-0.11') == 1 and vim.lsp.config and vim.lsp.config.fsbp
  local command, why = config.server(native and native.cmd or nil)
  if not command then
    fail(why, INSTALL)
    return python()
  end
  ok('found ' .. vim.fn.exepath(command[1]))
  local fine, version = run(vim.list_extend(vim.deepcopy(command), { '--version' }))
  if not fine then
    return fail(('`%s --version` fails: %s'):format(table.concat(command, ' '), version), INSTALL)
  end
  ok(version)
  local works, said = run(vim.list_extend(vim.deepcopy(command), { '--self-test' }))
  local lines = vim.split(said, '\n', { plain = true })
  if works then
    ok('it checks its built-in file')
  else
    fail('its self-test fails: ' .. lines[#lines])
  end
end

local function buffers()
  start('fsbp: buffers')
  local debug = {}
  for _, client in ipairs(clients.of()) do
    debug[client.id] = info.debug(client)
    note(('client %d, root %s: %s'):format(client.id, client.config.root_dir or 'none', vim.split(debug[client.id], '\n')[1]))
  end
  if next(debug) == nil then
    note("no server is running: it starts with the first file it is for, once `setup()` or `vim.lsp.enable('fsbp')` was called")
  end
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    local name = vim.api.nvim_buf_get_name(bufnr)
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].buflisted and vim.bo[bufnr].buftype == '' and name ~= '' then
      local shown = vim.fn.fnamemodify(name, ':~:.')
      local client = clients.of(bufnr)[1]
      if client then
        local verdict = info.verdict(debug[client.id] or '', bufnr) or 'the server did not answer'
        local count = #findings.all(bufnr)
        local checked = verdict == 'Terraform' or verdict == 'CloudFormation template'
        local tell = checked and ok or note
        tell(('%s: %s%s'):format(shown, verdict, checked and (', %d findings'):format(count) or ''))
      else
        note(('%s: not checked: %s'):format(shown, config.refusal(bufnr) or 'no client is attached'))
      end
    end
  end
end

function M.check()
  start('fsbp: Neovim')
  if vim.fn.has('nvim-0.7') == 0 then
    return fail('Neovim 0.7 or later is needed')
  end
  ok('Neovim ' .. info.version())
  server()
  buffers()
end

return M
