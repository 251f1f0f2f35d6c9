using Spectre.Console;

namespace Estream.Cli.Output;

/// <summary>Prompts for the user at the terminal.</summary>
internal static class Prompts
{
    /// <summary>Asks for a secret. Echoes nothing, not even the length.</summary>
    public static string Secret(string question) =>
        AnsiConsole.Prompt(new TextPrompt<string>(Markup.Escape(question)).Secret(null).AllowEmpty());

    /// <summary>Asks a yes/no question. The default is no.</summary>
    public static bool Confirm(string question) =>
        AnsiConsole.Prompt(new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false });
}
