-- What the scenarios beside this file share. Run by test_nvim.py with FSBP_WORKSPACE, FSBP_START (setup, enable or start) and
-- FSBP_LOGS; a scenario begins with `local T = dofile(vim.env.FSBP_DRIVER)`.
local T = { said = {} }

function T.say(...)
  io.stdout:write(table.concat({ ... }, ' ') .. '\n')
end

local function give_up(what)
  T.say('FAIL', what)
  T.say('buffer:', vim.inspect(vim.api.nvim_buf_get_lines(0, 0, -1, false)))
  T.say('diagnostics:', vim.inspect(vim.diagnostic.get()))
  T.say('notifications:', vim.inspect(T.said))
  T.say(vim.fn.execute('messages'))
  vim.cmd('cquit! 1')
end

function T.check(what, holds)
  if not holds then
    give_up(what)
  end
  T.say('ok', what)
  return holds
end

--- Waits until something holds; returns it.
function T.wait(what, holds)
  local found
  vim.wait(30000, function()
    found = holds()
    return found and true or false
  end, 20)
  return T.check(what, found) and found
end

vim.notify = function(message)
  table.insert(T.said, message)
end

--- Waits for a notification.
function T.told(text)
  return T.wait('is told: ' .. text, function()
    for _, message in ipairs(T.said) do
      if message:find(text, 1, true) then
        return message
      end
    end
  end)
end

function T.clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

--- Starts the plugin the way FSBP_START says.
function T.start(options)
  vim.cmd('filetype plugin on')
  local cmd = { 'fsbp-lsp', '--log-file', vim.env.FSBP_LOGS .. '/{pid}.log' }
  if vim.env.FSBP_START == 'enable' then
    vim.lsp.config('fsbp', { cmd = cmd }) -- the rest is lsp/fsbp.lua
    vim.lsp.enable('fsbp')
    return
  end
  if vim.env.FSBP_START == 'start' then
    vim.lsp.enable = nil -- the way of Neovim 0.8 to 0.10
  end
  require('fsbp').setup(vim.tbl_extend('keep', options or {}, { cmd = cmd }))
end

function T.open(name)
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.FSBP_WORKSPACE .. '/' .. name))
  return vim.api.nvim_get_current_buf()
end

--- Findings of a control in the current buffer.
function T.findings(control)
  return vim.tbl_filter(function(diagnostic)
    return diagnostic.source == 'fsbp' and diagnostic.code == control
  end, vim.diagnostic.get(0))
end

--- Waits for findings of a control; returns the first.
function T.count(control, number)
  T.wait(('%s %d times'):format(control, number), function()
    return #T.findings(control) == number
  end)
  return T.findings(control)[1]
end

function T.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

function T.cursor(diagnostic)
  vim.api.nvim_win_set_cursor(0, { diagnostic.lnum + 1, diagnostic.col })
end

--- Replaces text in the current buffer, as typing it would.
function T.replace(old, new)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  for number, line in ipairs(lines) do
    local first, last = line:find(old, 1, true)
    if first then
      vim.api.nvim_buf_set_text(0, number - 1, first - 1, number - 1, last, { new })
      return
    end
  end
  give_up('there is no ' .. old)
end

--- Runs the scenario; at its end no client may be left after it was stopped.
function T.run(scenario)
  local fine, problem = xpcall(scenario, debug.traceback)
  if not fine then
    give_up(tostring(problem))
  end
  for _, client in ipairs(T.clients()) do
    client.stop(client)
  end
  T.wait('the client stops', function()
    return #T.clients() == 0
  end)
  T.say('PASS')
  vim.cmd('qall!')
end

return T
