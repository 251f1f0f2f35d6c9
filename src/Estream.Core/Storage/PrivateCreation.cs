using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>Creates sockets that other users cannot use, not even before their mode is set. Thread-safe.</summary>
public static class PrivateCreation
{
    private const uint RightsOfOthers = 0b000_111_111;

    private static readonly Lock s_lock = new();

    /// <summary>Runs an action. What this process creates meanwhile gives no rights to the group and to other users. The mask is the one of
    /// the whole process, so keep the action short.</summary>
    /// <param name="create">The action.</param>
    /// <returns>The result of the action.</returns>
    public static T Run<T>(Func<T> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (OperatingSystem.IsWindows())
        {
            return create();
        }

        lock (s_lock)
        {
            uint before = NativeMethods.SetCreationMask(RightsOfOthers);
            try
            {
                return create();
            }
            finally
            {
                _ = NativeMethods.SetCreationMask(before);
            }
        }
    }
}
