using Microsoft.Win32.SafeHandles;

namespace Estream.Cli.Output;

/// <summary>Standard output as a stream that says when nobody reads it any more.</summary>
internal static class StandardOutput
{
    private const int FileDescriptor = 1;
    private const int BrokenPipe = 32; // EPIPE

    /// <summary>The stream; unbuffered.</summary>
    /// <remarks>
    /// .NET's console stream swallows a broken pipe, so `tail --follow | head` would go on for ever: pipes and terminals are written to
    /// directly. A regular file keeps the console stream, which moves the file's own position and so gets along with other writers.
    /// </remarks>
    public static Stream Open()
    {
        FileStream direct = new(new SafeFileHandle(FileDescriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return direct.CanSeek ? Console.OpenStandardOutput() : direct;
    }

    public static bool IsBrokenPipe(IOException error)
    {
        return error.HResult == BrokenPipe;
    }
}
