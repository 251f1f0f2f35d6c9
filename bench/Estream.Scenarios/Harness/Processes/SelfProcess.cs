using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>Starts this program again in one of its child roles (contender, holder, sender).</summary>
internal static class SelfProcess
{
    public static Process Start(params IEnumerable<string> arguments) => Start(arguments, withoutAvx512: false);

    /// <summary>Starts this program in a child role, optionally as on a processor without AVX-512.</summary>
    public static Process Start(IEnumerable<string> arguments, bool withoutAvx512)
    {
        string executable = Environment.ProcessPath
            ?? throw new InvalidOperationException("the path of this process is unknown, so it cannot start its children");
        var start = new ProcessStartInfo(executable);
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
        {
            start.ArgumentList.Add(typeof(SelfProcess).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (withoutAvx512)
        {
            start.Environment["DOTNET_EnableAVX512"] = "0";
        }

        return Start(start);
    }

    /// <summary>Starts a child whose input and output the caller controls; its errors go to this process's standard error.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.UseShellExecute = false;
        return Process.Start(start)
            ?? throw new InvalidOperationException($"'{start.FileName}' could not be started");
    }
}
