-- Starts a server and waits to be killed.
local T = dofile(vim.env.FSBP_DRIVER)

T.run(function()
  T.start()
  T.open('main.tf')
  T.count('ECR.1', 1)
  T.say('\nready')
  vim.wait(120000)
end)
