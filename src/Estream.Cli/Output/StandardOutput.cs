using Microsoft.Win32.SafeHandles;

namespace Estream.Cli.Output;

/// <summary>Standard output as a stream that reports a broken pipe.</summary>
internal static class StandardOutput
{
    private const int FileDescriptor = 1;
    private const int BrokenPipe = 32; // EPIPE

    /// <summary>The stream; unbuffered.</summary>
    /// <remarks>
    /// The console stream of .NET ignores a broken pipe, so `tail --follow | head` would never end. Pipes and terminals are therefore
    /// written directly. A regular file uses the console stream, which advances the shared file position and so works with other writers.
    /// </remarks>
    public static Stream Open()
    {
        FileStream direct = new(new SafeFileHandle(FileDescriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return direct.CanSeek ? Console.OpenStandardOutput() : direct;
    }

    /// <summary>Whether the user allows colours on a terminal: the variable NO_COLOR is empty or not set, and TERM is not dumb.</summary>
    public static bool AllowsColor(Func<string, string?> variable) =>
        string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") != "dumb";

    public static bool IsBrokenPipe(IOException error)
    {
        return error.HResult == BrokenPipe;
    }
}
