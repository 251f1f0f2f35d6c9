using System.Runtime.InteropServices;

namespace Estream.Cli;

/// <summary>The libraries of the system that the .NET runtime of the archive needs. Without them, the host and the managed program end with
/// an error of the loader, or without an exit code.</summary>
internal static class RuntimeLibraries
{
    // The runtime uses the first version of OpenSSL that it finds.
    private static readonly (string Name, string[] Files, string Packages)[] s_needed =
    [
        ("C++ runtime", ["libstdc++.so.6"], "libstdc++6 (Debian, Ubuntu) or libstdc++ (RHEL, Fedora)"),
        ("OpenSSL", ["libssl.so.3", "libssl.so.1.1"], "libssl3 (Debian, Ubuntu) or openssl-libs (RHEL, Fedora)"),
    ];

    /// <summary>Checks that this system has the libraries.</summary>
    /// <exception cref="CliException">A library is missing.</exception>
    public static void Require() => Require(static file => NativeLibrary.TryLoad(file, out _));

    internal static void Require(Func<string, bool> loads)
    {
        foreach ((string name, string[] files, string packages) in s_needed)
        {
            if (!files.Any(loads))
            {
                throw new CliException($"This system has no {name} ({string.Join(" or ", files)}). Install the package {packages}.");
            }
        }
    }
}
