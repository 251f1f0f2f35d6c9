using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Fpga.Internal;

/// <summary>Finds the native library: in <c>runtimes</c> next to the program, or where a package has installed it.</summary>
internal static class LibraryLoading
{
    private const string FileName = "libestream_fpga.so";

    private static readonly Lazy<string?> s_missing = new(FindMissing);

    /// <summary>The reason why there is no compatible library; null if there is one.</summary>
    public static string? Missing => s_missing.Value;

    // Sets the resolver before any method of this assembly is compiled. Otherwise an import that is bound when its caller is compiled would
    // not find the library.
#pragma warning disable CA2255 // A library that loads another one has no better place.
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void Initialize() => NativeLibrary.SetDllImportResolver(typeof(LibraryLoading).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != NativeMethods.Library)
        {
            return 0;
        }

        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string beside = Path.Combine(AppContext.BaseDirectory, "runtimes", $"linux-{architecture}", "native", FileName);
        return NativeLibrary.TryLoad(beside, out nint library) || NativeLibrary.TryLoad(FileName, assembly, path, out library)
            ? library
            : 0;
    }

    private static string? FindMissing()
    {
        try
        {
            uint version = NativeMethods.GetAbiVersion();
            return version >> 16 == NativeMethods.AbiVersion >> 16 && version >= NativeMethods.AbiVersion
                ? null
                : $"The native library {FileName} has interface version {version >> 16}.{version & 0xffff}; this program needs "
                    + $"{NativeMethods.AbiVersion >> 16}.{NativeMethods.AbiVersion & 0xffff}. Use both from the same version of Estream.";
        }
        catch (DllNotFoundException)
        {
            return $"The native library {FileName} was not found, so no card can be opened; everything else works. The package "
                + "Estream.Fpga contains it for linux-x64; a build from source creates it with cmake and a C++ compiler (Debian: apt-get "
                + "install cmake g++ verilator).";
        }
        catch (EntryPointNotFoundException)
        {
            return $"The file {FileName} that was found is a different library. Use the one from the package Estream.Fpga.";
        }
        catch (BadImageFormatException)
        {
            return $"The native library {FileName} is for another processor architecture than {RuntimeInformation.ProcessArchitecture}. "
                + "Build it on this machine.";
        }
    }
}
