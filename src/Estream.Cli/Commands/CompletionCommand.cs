using System.CommandLine;
using System.Reflection;
using System.Text;

namespace Estream.Cli.Commands;

/// <summary>`estream completion`: prints the completion script for a shell (src/Estream.Cli/Completion). The script asks this program for
/// suggestions.</summary>
internal static class CompletionCommand
{
    private static readonly string[] s_shells = ["bash", "zsh", "fish"];

    public static Command Create(CliContext context)
    {
        Argument<string> shell = new("SHELL") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnlyFromAmong(s_shells);
        Command command = new(
            "completion",
            "Prints a script that completes commands, options and names of installed components in a shell. Exit code 2 for an unsupported "
            + "shell. Add it to ~/.bashrc. Example: source <(estream completion bash)")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            using Stream script = Assembly.GetExecutingAssembly()
                .GetManifestResourceStream($"completion/estream.{parsed.GetRequiredValue(shell)}")!;
            using StreamReader text = new(script, Encoding.UTF8);
            context.Output.Write(Encoding.UTF8.GetBytes(text.ReadToEnd()));
            return ExitCode.Ok;
        });
        return command;
    }
}
