namespace Estream.Circuits.Running;

/// <summary>Calls code of the owner of a runtime, on threads that have to go on whatever it does.</summary>
internal static class OwnerCallbacks
{
    /// <summary>Calls it.</summary>
    /// <returns>What it has thrown; null where it has thrown nothing.</returns>
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
