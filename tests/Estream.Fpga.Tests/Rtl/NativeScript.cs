using Estream.Testing;

namespace Estream.Fpga.Tests.Rtl;

/// <summary>A script below native/, run to its end.</summary>
internal static class NativeScript
{
    /// <summary>Long enough for the full counts and a loaded machine.</summary>
    private static readonly TimeSpan s_limit = LongRun.Duration(TimeSpan.FromMinutes(12), TimeSpan.FromHours(10));

    /// <summary>Runs a script and returns what it printed.</summary>
    /// <param name="program">The program that reads it, by name.</param>
    /// <param name="script">Its path below native/.</param>
    /// <param name="arguments">What it is given.</param>
    public static string Run(string program, string script, params string[] arguments)
    {
        string path = RepositoryRoot.Combine("native", script);
        return ChildProcess.Run(program, [path, .. arguments], limit: s_limit).EnsureSuccess().Output;
    }
}
