-- A finding with its id and link, the quick fix, fix all, and what a syntax error does.
local T = dofile(vim.env.FSBP_DRIVER)

T.run(function()
  T.start()
  T.open('main.tf')

  local found = T.count('ECR.1', 1)
  T.check('it says what is wrong', found.message:find('scan_on_push is false', 1, true))
  T.check('it is a warning of fsbp', found.source == 'fsbp' and found.severity == vim.diagnostic.severity.WARN)
  local marked = vim.api.nvim_buf_get_text(0, found.lnum, found.col, found.end_lnum, found.end_col, {})
  T.check('it marks the wrong value', vim.deep_equal(marked, { 'false' }))
  local sent = found.user_data.lsp
  T.check('it has a link', sent.codeDescription.href:find('ecr-controls.html#ecr-1', 1, true))
  T.check('one client', #T.clients() == 1)

  -- The quick fix, through the editor's own menu.
  T.cursor(found)
  local offered
  vim.ui.select = function(items, options, choose)
    offered = vim.tbl_map(options.format_item, items)
    choose(items[1], 1)
  end
  vim.lsp.buf.code_action()
  T.wait('the fix is in', function()
    return T.text():find('scan_on_push = true', 1, true)
  end)
  T.check('the fix came first', offered[1]:find('ECR.1', 1, true))
  T.check('fix all is in the menu', vim.tbl_contains(offered, 'Fix all safe fsbp findings in this file'))
  T.check('explain is in the menu', vim.tbl_contains(offered, 'Explain ECR.1'))
  T.count('ECR.1', 0)

  -- Fix all: every safe fix of the buffer, nothing else. Tags of a repository in use are not its to freeze.
  T.replace('scan_on_push = true', 'scan_on_push = false')
  vim.api.nvim_buf_set_lines(
    0,
    -1,
    -1,
    false,
    vim.tbl_map(function(line)
      return (line:gsub('images', 'charts'):gsub('IMMUTABLE', 'MUTABLE'))
    end, vim.api.nvim_buf_get_lines(0, 0, -1, false))
  )
  T.count('ECR.1', 2)
  T.count('ECR.2', 1)
  vim.cmd('FsbpFixAll')
  T.count('ECR.1', 0)
  T.check('both are fixed', select(2, T.text():gsub('scan_on_push = true', '')) == 2)
  T.check('what is not safe is left', T.text():find('"MUTABLE"', 1, true) and #T.findings('ECR.2') == 1)
  vim.cmd('FsbpFixAll')
  T.told('nothing that can be fixed safely')

  -- Before a write it can be waited for.
  T.replace('scan_on_push = true', 'scan_on_push = false')
  require('fsbp').fix_all({ wait = 30000 })
  T.check('fixed when it returns', not T.text():find('scan_on_push = false', 1, true))

  -- A broken block: what was known about the others stays, nothing new is claimed, and all is well after the repair.
  T.replace('scan_on_push = true', 'scan_on_push = false')
  T.count('ECR.1', 1)
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', 'resource "aws_ecr_repository" "broken" {', '  image_scanning_configuration {' })
  local function below()
    return vim.tbl_filter(function(diagnostic)
      return diagnostic.lnum > last - 1
    end, vim.diagnostic.get(0))
  end
  T.wait('the syntax error is shown', function()
    return #below() > 0
  end)
  T.check('the finding before it stays', #T.findings('ECR.1') == 1)
  T.check('nothing else is said about the broken block', #below() == 1 and below()[1].code == 'syntax')
  vim.api.nvim_buf_set_lines(0, last, -1, false, {})
  T.wait('the syntax error goes', function()
    return #below() == 0
  end)
  T.check('the finding is still there', #T.findings('ECR.1') == 1)
end)
