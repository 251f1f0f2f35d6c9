using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>
/// A separate checkout for the scripts at the root: copies of the scripts, links to the sources, and a `dotnet` on PATH whose `dotnet
/// build` is a few lines of shell, so that the scripts can be tested without a real build.
/// </summary>
internal sealed class Checkout : IDisposable
{
    private readonly TempDirectory _folder = new();

    /// <param name="hasSources">Whether the checkout links to the real sources and their build output; otherwise it has an empty
    /// project.</param>
    public Checkout(bool hasSources)
    {
        Directory.CreateDirectory(Combine("scripts"));
        foreach (string script in new[] { "run.sh", "estream", "scripts/programs.sh" })
        {
            File.Copy(RepositoryRoot.Combine(script), Combine(script));
        }

        foreach (string name in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json" })
        {
            File.WriteAllText(Combine(name), "{}");
        }

        if (hasSources)
        {
            Directory.CreateSymbolicLink(Combine("src"), RepositoryRoot.Combine("src"));
        }
        else
        {
            Directory.CreateDirectory(Combine("src", "Estream.Cli"));
            File.WriteAllText(Combine("src", "Estream.Cli", "Program.cs"), "");
        }

        Directory.CreateDirectory(Combine("schemas"));
        Directory.CreateDirectory(Combine("tools"));
        BuildsBy("exit 0");
    }

    public string Root => _folder.Path;

    /// <summary>One line for each requested build.</summary>
    public string[] Builds => File.Exists(Combine("builds")) ? File.ReadAllLines(Combine("builds")) : [];

    public string Combine(params string[] parts)
    {
        return _folder.Combine(parts);
    }

    /// <summary>Sets the shell code that `dotnet build` runs. With sources, all other commands run the real dotnet; without sources, they
    /// print their command line.</summary>
    public void BuildsBy(string shell)
    {
        string dotnet = Combine("tools", "dotnet");
        string other = Directory.ResolveLinkTarget(Combine("src"), returnFinalTarget: false) is null
            ? "echo \"ran $$ $*\""
            : $"exec {Peer.Require("dotnet", "dotnet-sdk-10.0")} \"$@\"";
        File.WriteAllText(
            dotnet,
            $"#!/bin/bash\nroot={Root}\nif [ \"$1\" = build ]; then\n  echo \"$2\" >> $root/builds\n  {shell}\nelse\n  {other}\nfi\n");
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Starts a script like a user, from a directory other than the root.</summary>
    public ChildProcess Start(string script, IEnumerable<string> arguments, params (string Name, string? Value)[] variables)
    {
        Dictionary<string, string?> environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        environment["PATH"] = $"{Combine("tools")}:{Environment.GetEnvironmentVariable("PATH")}";
        environment.TryAdd("ESTREAM_DATA", null);

        // If the tests run in the background, all their child processes ignore SIGINT; `env` restores the default action. `setsid` gives
        // the script its own process group, like a foreground job of a shell. The id of the group is the id of the script's process.
        return ChildProcess.Start("setsid", ["env", "--default-signal=INT", Combine(script), .. arguments], Path.GetTempPath(),
            environment);
    }

    public void Dispose()
    {
        _folder.Dispose();
    }
}
