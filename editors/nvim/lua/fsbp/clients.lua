--- Clients of the server, in the words of each version of Neovim from 0.7 up.
local config = require('fsbp.config')

local M = {}

local methods = vim.fn.has('nvim-0.11') == 1 -- functions of a client became methods

--- Clients of a buffer, or all of them.
function M.of(bufnr)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return vim.tbl_filter(function(client)
    return client.name == 'fsbp' and (bufnr == nil or client.attached_buffers[bufnr] ~= nil)
  end, get())
end

--- The client of a buffer. Says so when there is none.
--- @param anywhere boolean|nil another buffer's does as well
function M.need(bufnr, anywhere)
  local client = M.of(bufnr)[1] or (anywhere and M.of()[1]) or nil
  if client == nil then
    local why = select(2, config.server()) or config.refusal(bufnr) or 'no server is running (was setup() called?)'
    config.say(why .. ' (:checkhealth fsbp)', vim.log.levels.WARN)
  end
  return client
end

--- @param done fun(err: table|nil, result: any)
function M.request(client, method, params, done, bufnr)
  if methods then
    client:request(method, params, done, bufnr)
  else
    client.request(method, params, done, bufnr)
  end
end

function M.execute(client, command, arguments, done)
  M.request(client, 'workspace/executeCommand', { command = command, arguments = arguments }, done)
end

--- Run a command and wait for its result; nil when it fails or takes longer than some milliseconds.
function M.ask(client, command, arguments, patience)
  local answer
  M.execute(client, command, arguments, function(err, result)
    answer = { err == nil and result or nil }
  end)
  vim.wait(patience, function()
    return answer ~= nil
  end, 10)
  return answer and answer[1]
end

--- Whether the server has a command; says that it is too old when it has not.
function M.offers(client, command)
  local provider = client.server_capabilities.executeCommandProvider or {}
  if vim.tbl_contains(provider.commands or {}, command) then
    return true
  end
  config.say(('this fsbp-lsp has no %s: a later release has'):format(command), vim.log.levels.WARN)
  return false
end

function M.stop(client)
  if methods then
    client:stop()
  else
    client.stop()
  end
end

local by_root = {} -- Neovim 0.7 does not look for a client that could be shared

--- Start a client for a buffer, or attach the one of its root.
function M.start(bufnr)
  if config.refusal(bufnr) then
    return
  end
  -- What a user changed with vim.lsp.config counts here as well.
  local native = methods and vim.lsp.enable and vim.lsp.config.fsbp or nil
  local found, why = config.server(native and native.cmd)
  if not found then
    config.missing(why)
    return
  end
  local given = native and vim.deepcopy(native) or config.client()
  given.root_dir = config.root(bufnr, given.root_markers)
  if vim.lsp.start then
    vim.api.nvim_buf_call(bufnr, function() -- 0.8 knows no other buffer than the current one
      vim.lsp.start(given)
    end)
    return
  end
  local root = given.root_dir or ''
  local id = by_root[root]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(given)
    by_root[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(bufnr, id)
  end
end

--- Stop all clients; start them again for the buffers they had.
function M.restart()
  local buffers, running = {}, M.of()
  for _, client in ipairs(running) do
    for bufnr in pairs(client.attached_buffers) do
      buffers[bufnr] = true
    end
    M.stop(client)
  end
  local timer, tries = vim.loop.new_timer(), 0
  timer:start(
    50,
    50,
    vim.schedule_wrap(function()
      tries = tries + 1
      if timer:is_closing() or (#M.of() > 0 and tries < 100) then
        return
      end
      timer:close()
      for bufnr in pairs(buffers) do
        if vim.api.nvim_buf_is_loaded(bufnr) then
          M.start(bufnr)
        end
      end
    end)
  )
end

return M
