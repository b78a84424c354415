// A template with findings for the walkthrough: unsaved, so that trying things leaves nothing behind.

import * as vscode from 'vscode';

const EXAMPLE = `# An example to try things on. It is not saved anywhere.
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Images:
    Type: AWS::ECR::Repository
    Properties:
      ImageTagMutability: MUTABLE
      ImageScanningConfiguration:
        ScanOnPush: false
`;

export async function openExample(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'yaml', content: EXAMPLE });
  await vscode.window.showTextDocument(document);
}
