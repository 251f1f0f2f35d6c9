using System.Text.Json;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>Runs the harness as a user does: as a process with arguments, an exit code, text output and a JSON file.</summary>
internal static class Harness
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(14);

    public static ProcessResult Run(params string[] arguments)
    {
        string program = BuiltProgram.Find("bench/Estream.Scenarios", "Estream.Scenarios.dll");
        return ChildProcess.Run("dotnet", [program, .. arguments], limit: s_limit);
    }

    /// <summary>Runs the harness with an empty PATH, so that neither cmake nor a compiler is found.</summary>
    public static ProcessResult RunWithoutTools(params string[] arguments)
    {
        string program = BuiltProgram.Find("bench/Estream.Scenarios", "Estream.Scenarios.dll");
        Dictionary<string, string?> environment = new() { ["PATH"] = "/nonexistent" };
        return ChildProcess.Run(Peer.Require("dotnet", "dotnet-sdk-10.0"), [program, .. arguments], environment: environment,
            limit: s_limit);
    }

    public static List<JsonElement> RowsIn(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. document.RootElement.EnumerateArray().Select(row => row.Clone())];
    }

    public static string Text(this JsonElement row, string property) => row.GetProperty(property).GetString()!;
}
