// The YAML extension marks `!Ref` and its like as errors until `yaml.customTags` names them. Offered once, never forced.

import * as vscode from 'vscode';
import { CLOUDFORMATION_TAGS, looksLikeTemplate, missingTags } from './tags';

const ASKED = 'fsbp.customTagsOffered';
const YAML_EXTENSION = 'redhat.vscode-yaml';

export class CustomTags {
  private asking = false;

  constructor(private readonly memory: vscode.Memento) {}

  /** Offers the tags when a CloudFormation template is open, the YAML extension is there and some are missing. */
  async consider(document: vscode.TextDocument): Promise<void> {
    if (this.asking || document.languageId !== 'yaml' || document.uri.scheme !== 'file' || this.memory.get<boolean>(ASKED) === true) {
      return;
    }
    if (vscode.extensions.getExtension(YAML_EXTENSION) === undefined || !looksLikeTemplate(document.getText()) || this.missing().length === 0) {
      return;
    }
    this.asking = true;
    try {
      // Remembered before it is shown: once is enough whatever becomes of the message, and a window that is closed at once
      // would take a later note with it. The command stays for those who change their mind.
      await this.memory.update(ASKED, true);
      const [user, workspace, never] = ['Add to User Settings', 'Add to Workspace Settings', "Don't Ask Again"];
      const inFolder = vscode.workspace.workspaceFolders !== undefined;
      const answer = await vscode.window.showInformationMessage(
        'The YAML extension marks CloudFormation tags such as !Ref and !Sub as errors. Add them to the setting yaml.customTags?',
        ...(inFolder ? [user, workspace, never] : [user, never]),
      );
      if (answer === user || answer === workspace) {
        await this.add(answer === user ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace);
      }
    } finally {
      this.asking = false;
    }
  }

  /** The command: adds what is missing to the user's settings. */
  async addNow(): Promise<void> {
    if (vscode.extensions.getExtension(YAML_EXTENSION) === undefined) {
      void vscode.window.showInformationMessage(`The setting yaml.customTags belongs to the extension ${YAML_EXTENSION}, which is not installed.`);
      return;
    }
    if (this.missing().length === 0) {
      void vscode.window.showInformationMessage('yaml.customTags already has the CloudFormation tags.');
      return;
    }
    await this.add(vscode.ConfigurationTarget.Global);
  }

  private current(): string[] {
    const tags = vscode.workspace.getConfiguration('yaml').get<unknown>('customTags');
    return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
  }

  private missing(): string[] {
    return missingTags(this.current());
  }

  private async add(target: vscode.ConfigurationTarget): Promise<void> {
    const held = vscode.workspace.getConfiguration('yaml').inspect<string[]>('customTags');
    const there = (target === vscode.ConfigurationTarget.Global ? held?.globalValue : held?.workspaceValue) ?? this.current();
    await vscode.workspace.getConfiguration('yaml').update('customTags', [...there, ...missingTags(there)], target);
    void vscode.window.showInformationMessage(`Added ${CLOUDFORMATION_TAGS.length} CloudFormation tags to yaml.customTags.`);
  }
}
