namespace Estream.Circuits.Running;

/// <summary>Calls callbacks of the runtime's owner on threads that must survive their exceptions.</summary>
internal static class OwnerCallbacks
{
    /// <summary>Calls a callback.</summary>
    /// <returns>The exception it threw; null if it threw none.</returns>
    public static Exception? Notify(Action tell)
    {
        try
        {
            tell();
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }
}
