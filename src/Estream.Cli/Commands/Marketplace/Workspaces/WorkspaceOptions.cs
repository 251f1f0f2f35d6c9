using System.CommandLine;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The options shared by the commands on a workspace.</summary>
internal sealed class WorkspaceOptions
{
    public Option<string> Folder { get; } = new("--workspace")
    {
        Description = $"The folder with {WorkspaceManifest.FileName}.",
        DefaultValueFactory = _ => ".",
        HelpName = "DIR",
    };

    public Option<string> Cache { get; } = new("--cache")
    {
        Description = "The folder that caches components on this machine.",
        DefaultValueFactory = _ => ComponentCache.UserFolder,
        HelpName = "DIR",
    };

    public Option<bool> Json { get; } = SharedOptions.Json();

    /// <summary>Adds these options to a command and returns the command.</summary>
    public Command On(Command command)
    {
        command.Add(Folder);
        command.Add(Cache);
        command.Add(Json);
        return command;
    }

    public static Option<string> AgeOption(string name, string help) => new(name) { Description = help, HelpName = "AGE" };

    /// <summary>Parses a duration such as 45m, 12h or 30d; returns null if the option is not given.</summary>
    public static TimeSpan? AgeOf(ParseResult parsed, Option<string> option)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        return AgeText.TryRead(text, "mhd", out long count, out TimeSpan unit) && count <= 100_000
            ? TimeSpan.FromTicks(count * unit.Ticks)
            : throw new CliException($"{option.Name} takes minutes, hours or days, such as 45m, 12h or 30d, not '{text}'.");
    }
}
