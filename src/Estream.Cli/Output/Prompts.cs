using Spectre.Console;

namespace Estream.Cli.Output;

/// <summary>Questions to the person at the terminal.</summary>
internal static class Prompts
{
    /// <summary>Asks for a secret, of which nothing is shown, not even its length.</summary>
    public static string Secret(string question) =>
        AnsiConsole.Prompt(new TextPrompt<string>(Markup.Escape(question)).Secret(null).AllowEmpty());

    /// <summary>Asks for a yes or no; no where nothing is said.</summary>
    public static bool Confirm(string question) =>
        AnsiConsole.Prompt(new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false });
}
