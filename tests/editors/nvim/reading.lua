-- Explain, ignore with a reason, information, log, restart.
local T = dofile(vim.env.FSBP_DRIVER)

--- Answers for the next questions, in order.
local function answers(list)
  vim.ui.input = function(options, done)
    local answer = table.remove(list, 1)
    T.say('  ' .. options.prompt .. tostring(answer))
    done(answer)
  end
  return list
end

--- Takes one of the code actions at the cursor.
local function choose(title)
  vim.ui.select = function(items, options, done)
    for index, item in ipairs(items) do
      if options.format_item(item) == title then
        return done(item, index)
      end
    end
    T.check(title .. ' is in the menu', false)
  end
  vim.lsp.buf.code_action()
end

local function page(name)
  return T.wait('the page ' .. name, function()
    local bufnr = vim.fn.bufnr('^fsbp://' .. name .. '$')
    return bufnr ~= -1 and vim.fn.bufwinid(bufnr) ~= -1 and T.text() or nil
  end)
end

T.run(function()
  T.start()
  local file = T.open('main.tf')
  local found = T.count('ECR.1', 1)

  -- Explain: the finding at the cursor.
  T.cursor(found)
  vim.cmd('FsbpExplain')
  local text = page('ECR.1')
  T.check('the page is about the control', text:find('ECR private repositories should have image scanning configured', 1, true))
  T.check('the page has the link', text:find('ecr-controls.html#ecr-1', 1, true))
  T.check('the page is Markdown to read', vim.bo.filetype == 'markdown' and not vim.bo.modifiable and vim.bo.buftype == 'nofile')
  vim.cmd('close')
  T.check('back in the file', vim.api.nvim_get_current_buf() == file)

  -- Explain: by name; what is asked again comes in the same window.
  vim.cmd('vertical FsbpExplain s3.8')
  page('S3.8')
  vim.api.nvim_win_set_cursor(0, { 3, 0 })
  vim.cmd('FsbpExplain S3.8')
  T.wait('it is shown anew', function()
    return vim.api.nvim_win_get_cursor(0)[1] == 1
  end)
  T.check('in the same window', #vim.api.nvim_tabpage_list_wins(0) == 2)
  vim.cmd('close')
  T.check('ids are completed', vim.deep_equal(vim.fn.getcompletion('FsbpExplain ecr.1', 'cmdline'), { 'ECR.1' }))
  vim.cmd('FsbpExplain S3.888')
  T.told('there is no control "S3.888"')

  -- Explain: from the menu of code actions, inside the editor as well.
  T.cursor(found)
  choose('Explain ECR.1')
  page('ECR.1')
  vim.cmd('close')

  -- Ignore: leaving a question or giving no reason writes nothing.
  local before = T.text()
  T.cursor(found)
  answers({ nil })
  vim.cmd('FsbpIgnore')
  answers({ '  ' })
  vim.cmd('FsbpIgnore')
  T.told('it needs a reason')
  T.check('nothing is written', T.text() == before)

  -- Ignore: a date that is none, one that is over, then one that counts.
  local left = answers({ 'reviewed in ABC-1 ', 'tomorrow', '2020-01-01', '2099-12-31' })
  vim.cmd('FsbpIgnore')
  T.wait('the comment', function()
    return T.text():find('fsbp:ignore ECR.1 until=2099-12-31 -- reviewed in ABC-1', 1, true)
  end)
  T.told('tomorrow is not a date')
  T.told('2020-01-01 is over')
  T.check('every answer was asked for', #left == 0)
  T.count('ECR.1', 0)

  -- Ignore: from the menu of code actions, which asks as well.
  local was = T.text()
  vim.cmd('undo')
  T.cursor(T.count('ECR.1', 1))
  answers({ 'reviewed in ABC-1', '2099-12-31' })
  choose('Ignore ECR.1 here (reason…)')
  T.wait('the same comment', function()
    return T.text() == was
  end)
  T.count('ECR.1', 0)

  -- Explain: the id in that comment.
  vim.fn.search('fsbp:ignore ECR')
  vim.fn.search('ECR')
  vim.cmd('FsbpExplain')
  page('ECR.1')
  vim.cmd('close')

  -- Ignore in the whole file.
  T.cursor(T.count('ECR.3', 1))
  answers({ 'short-lived', '' })
  vim.cmd('FsbpIgnore!')
  T.wait('the comment of the file', function()
    return T.text():find('^# fsbp:ignore%-file ECR%.3 %-%- short%-lived\n')
  end)
  T.count('ECR.3', 0)

  -- No finding here.
  vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(0), 0 })
  vim.cmd('FsbpIgnore')
  T.told('no finding at the cursor')

  vim.cmd('FsbpInfo')
  text = page('info')
  T.check('it has the versions', text:find('fsbp%-lsp %d') and text:find('Neovim %d'))
  T.check('it has the document', text:find('main.tf version', 1, true))
  vim.cmd('close')
  vim.cmd('FsbpLog')
  T.check('the log is there', page('log'):find('Messages of fsbp-lsp', 1, true))
  vim.cmd('close')

  -- Restart: another client for the same buffer.
  local old = T.clients()[1].id
  vim.cmd('FsbpRestart')
  T.wait('another client', function()
    local client = T.clients()[1]
    return client and client.id ~= old and client.attached_buffers[file]
  end)
  T.replace('# fsbp:ignore-file ECR.3 -- short-lived', '')
  T.count('ECR.3', 1)
end)
