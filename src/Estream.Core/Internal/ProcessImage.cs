using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>Replaces the program of this process. Process id, open standard streams, working directory and environment stay.</summary>
internal static unsafe class ProcessImage
{
    /// <summary>Runs another program in this process (POSIX <c>execvp</c>). Does not return, or throws.</summary>
    /// <param name="program">A path, or a name that is searched in <c>PATH</c>.</param>
    /// <param name="arguments">The arguments after the name of the program.</param>
    /// <exception cref="Win32Exception">The program cannot be run. Nothing has changed.</exception>
    public static void Replace(string program, IReadOnlyList<string> arguments)
    {
        nint[] vector = new nint[arguments.Count + 2];
        try
        {
            vector[0] = Marshal.StringToCoTaskMemUTF8(program);
            for (int i = 0; i < arguments.Count; i++)
            {
                vector[i + 1] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
            }

            // SAFETY: the array is pinned for the call, its strings end with a zero byte, and its last element is null. The kernel copies
            // the strings before it unmaps this process.
            fixed (nint* pointers = vector)
            {
                _ = NativeMethods.Execute(program, pointers);
            }

            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        finally
        {
            foreach (nint text in vector)
            {
                Marshal.FreeCoTaskMem(text);
            }
        }
    }
}
