using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>
/// A checkout of its own for the scripts at the root: copies of them beside links to the sources, and a `dotnet` on PATH whose
/// `dotnet build` is a few lines of shell, so that what the scripts do around a build is tested without one.
/// </summary>
internal sealed class Checkout : IDisposable
{
    private readonly TempDirectory _folder = new();

    /// <param name="hasSources">Links to the real sources and what is built from them; else an empty project to play with.</param>
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

    /// <summary>One line for each build that was asked for.</summary>
    public string[] Builds => File.Exists(Combine("builds")) ? File.ReadAllLines(Combine("builds")) : [];

    public string Combine(params string[] parts)
    {
        return _folder.Combine(parts);
    }

    /// <summary>What `dotnet build` does from now on. Other commands reach the real dotnet, or print themselves where there are no
    /// sources.</summary>
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

    /// <summary>Starts one of the scripts as a person would, from a directory that is not the root.</summary>
    public ChildProcess Start(string script, IEnumerable<string> arguments, params (string Name, string? Value)[] variables)
    {
        Dictionary<string, string?> environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        environment["PATH"] = $"{Combine("tools")}:{Environment.GetEnvironmentVariable("PATH")}";
        environment.TryAdd("ESTREAM_DATA", null);

        // Where the tests themselves run in the background, SIGINT would be ignored by everything below them. A group of its own, as a
        // shell gives to what it runs in the foreground; its number is that of the process.
        return ChildProcess.Start("setsid", ["env", "--default-signal=INT", Combine(script), .. arguments], Path.GetTempPath(),
            environment);
    }

    public void Dispose()
    {
        _folder.Dispose();
    }
}
