--- Every safe fix: of a buffer, or of the workspace.
local clients = require('fsbp.clients')
local config = require('fsbp.config')
local findings = require('fsbp.findings')

local M = {}

local KIND = 'source.fixAll.fsbp'

local function apply(client, action)
  vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
end

--- @param options table|nil bufnr, wait: see init.lua
function M.buffer(options)
  options = options or {}
  local bufnr = options.bufnr or vim.api.nvim_get_current_buf()
  local client = clients.need(bufnr)
  if not client then
    return
  end
  local finished = false
  local function finish(message, level)
    finished = true
    if message then
      config.say(message, level)
    end
  end
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(bufnr) },
    range = {
      start = { line = 0, character = 0 },
      ['end'] = { line = vim.api.nvim_buf_line_count(bufnr), character = 0 },
    },
    context = { diagnostics = {}, only = { KIND } },
  }
  clients.request(client, 'textDocument/codeAction', params, function(err, actions)
    if err then
      return finish('not fixed: ' .. err.message, vim.log.levels.ERROR)
    end
    local action = vim.tbl_filter(function(offered)
      return offered.kind == KIND
    end, actions or {})[1]
    if action == nil then
      return finish(options.wait == nil and 'nothing that can be fixed safely' or nil)
    end
    if action.edit then
      apply(client, action)
      return finish()
    end
    clients.request(client, 'codeAction/resolve', action, function(problem, resolved)
      if problem then
        return finish('not fixed: ' .. problem.message, vim.log.levels.ERROR)
      end
      if not finished then -- else the write that waited for it has happened without
        apply(client, resolved)
      end
      finish()
    end, bufnr)
  end, bufnr)
  if options.wait then
    vim.wait(options.wait, function()
      return finished
    end, 5)
    finished = true
  end
end

--- The server sends one edit for all files; Neovim opens them and writes none.
function M.workspace()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = clients.need(bufnr, true)
  if not client or not clients.offers(client, 'fsbp.fixAllInWorkspace') then
    return
  end
  clients.execute(client, 'fsbp.fixAllInWorkspace', {}, function(err, result)
    if err then
      config.say('not fixed: ' .. err.message, vim.log.levels.ERROR)
    elseif result.files == 0 then
      config.say('nothing that can be fixed safely')
    elseif not result.applied then
      config.say('not fixed: the edit was refused', vim.log.levels.ERROR)
    else
      config.say(('%d findings fixed in %d files, none of them written yet (:wall)'):format(result.findings, result.files))
    end
  end)
end

--- Check everything in the workspace; what is found goes to the quickfix list.
function M.check()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = clients.need(bufnr, true)
  if not client or not clients.offers(client, 'fsbp.checkWorkspace') then
    return
  end
  clients.execute(client, 'fsbp.checkWorkspace', {}, function(err, result)
    if err then
      config.say('not checked: ' .. err.message, vim.log.levels.ERROR)
      return
    end
    local found = findings.all()
    vim.fn.setqflist({}, ' ', { title = 'fsbp', items = vim.diagnostic.toqflist(found) })
    if #found > 0 then
      vim.cmd('botright copen')
    end
    config.say(('%d modules checked, %d findings'):format(result.modules, result.findings))
  end)
end

return M
