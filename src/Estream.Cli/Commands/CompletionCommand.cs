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
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong(s_shells);
        Command command = new(
            "completion",
            "Writes what a shell needs to complete commands, options and the names of installed components. Example, for bash: source "
            + "<(estream completion bash), in ~/.bashrc. Exit code 0 where it is written, 2 where the shell is another one.")
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
