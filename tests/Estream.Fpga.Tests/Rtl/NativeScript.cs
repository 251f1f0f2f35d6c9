using Estream.Testing;

namespace Estream.Fpga.Tests.Rtl;

/// <summary>Runs a script in native/ to its end.</summary>
internal static class NativeScript
{
    /// <summary>Long enough for the full counts on a loaded machine.</summary>
    private static readonly TimeSpan s_limit = LongRun.Duration(TimeSpan.FromMinutes(12), TimeSpan.FromHours(10));

    /// <summary>Runs a script and returns what it printed.</summary>
    /// <param name="program">The name of the program that runs the script.</param>
    /// <param name="script">The path of the script in native/.</param>
    /// <param name="arguments">The arguments of the script.</param>
    public static string Run(string program, string script, params string[] arguments)
    {
        string path = RepositoryRoot.Combine("native", script);
        return ChildProcess.Run(program, [path, .. arguments], limit: s_limit).EnsureSuccess().Output;
    }
}
