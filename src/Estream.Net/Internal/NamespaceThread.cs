using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Net.Internal;

/// <summary>Runs code in another network namespace. Sockets stay in the namespace in which they were created.</summary>
internal static class NamespaceThread
{
    private const string Folder = "/run/netns";

    /// <summary>Runs a function, on a thread of its own if a namespace is given: the thread stays in that namespace, so it is not
    /// reused.</summary>
    /// <param name="networkNamespace">A name or path; null for the namespace of the caller.</param>
    /// <param name="function">The function.</param>
    /// <exception cref="EstreamTransportException">The namespace cannot be entered.</exception>
    public static T Run<T>(string? networkNamespace, Func<T> function)
    {
        if (networkNamespace is null)
        {
            return function();
        }

        T? result = default;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter(networkNamespace);
                result = function();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void Enter(string networkNamespace)
    {
        string path = networkNamespace.Contains('/', StringComparison.Ordinal)
            ? networkNamespace
            : Path.Combine(Folder, networkNamespace);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            if (Kernel.NativeMethods.EnterNamespace((int)file.DangerousGetHandle(), Kernel.NativeMethods.NewNetworkNamespace) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                throw new EstreamTransportException(
                    $"The process may not enter the network namespace '{path}' (errno {error}). It needs CAP_SYS_ADMIN.",
                    TransportFailure.Permission, error);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EstreamTransportException(
                $"The network namespace '{path}' cannot be opened: {e.Message} Create it (ip netns add), or correct the name.",
                TransportFailure.Interface, 0, e);
        }
    }
}
