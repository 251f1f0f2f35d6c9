using System.ComponentModel;
using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>The first line of a tool's <c>--version</c>.</summary>
internal static class ToolVersion
{
    /// <summary>Null when the tool is not installed.</summary>
    public static string? Of(string tool)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(tool, "--version") { RedirectStandardOutput = true })!;
            string? line = process.StandardOutput.ReadLine();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return line;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
