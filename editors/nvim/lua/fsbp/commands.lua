--- The user commands. Nothing they need is loaded before one of them runs.
local M = {}

function M.create()
  if vim.g.loaded_fsbp then
    return
  end
  vim.g.loaded_fsbp = 1
  local command = vim.api.nvim_create_user_command

  command('FsbpFixAll', function(given)
    local fix = require('fsbp.fix')
    if given.bang then
      fix.workspace()
    else
      fix.buffer()
    end
  end, { bang = true, desc = 'Apply the safe fixes of this buffer; with ! of the workspace' })

  command('FsbpExplain', function(given)
    require('fsbp.explain').show(given.args, given.mods)
  end, {
    nargs = '?',
    desc = 'Explain a control: the one of the finding at the cursor, or the one named',
    complete = function(typed)
      return vim.tbl_filter(function(id)
        return vim.startswith(id:lower(), typed:lower())
      end, require('fsbp.findings').controls(0))
    end,
  })

  command('FsbpIgnore', function(given)
    require('fsbp.ignore').ask({ file = given.bang })
  end, { bang = true, desc = 'Ignore a finding at the cursor; with ! in the whole file' })

  command('FsbpCheckWorkspace', function()
    require('fsbp.fix').check()
  end, { desc = 'Check everything in the workspace and list the findings' })

  command('FsbpInfo', function(given)
    require('fsbp.info').show(given.mods)
  end, { desc = 'What runs where: for a report of a problem' })

  command('FsbpLog', function(given)
    require('fsbp.info').log(given.mods)
  end, { desc = 'What the server has logged' })

  command('FsbpRestart', function()
    require('fsbp.clients').restart()
  end, { desc = 'Stop the server and start it again' })
end

return M
