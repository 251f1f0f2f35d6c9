namespace Estream.Wire;

/// <summary>
/// Is told where a message will lie, just before it does. Who keeps that knows after a kill whether the message was stored, and need not
/// store it again when its sender repeats it.
/// </summary>
internal interface IAppendNote
{
    /// <summary>Keeps where a message will lie.</summary>
    /// <param name="queue">The name of the queue; empty for the dead letters.</param>
    /// <param name="position">The position it will have.</param>
    /// <param name="length">Its bytes there.</param>
    /// <returns>False when that cannot be kept now: then nothing is stored, and the message can be offered again.</returns>
    bool TryNote(string queue, long position, int length);
}
