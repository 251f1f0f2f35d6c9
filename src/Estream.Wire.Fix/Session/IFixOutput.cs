namespace Estream.Wire.Fix.Session;

/// <summary>The connection as a session sees it.</summary>
internal interface IFixOutput
{
    /// <summary>Takes a message to be sent; the bytes are not used after the call.</summary>
    void Send(ReadOnlySpan<byte> message);

    /// <summary>Ends the connection behind what was sent.</summary>
    /// <param name="why">One sentence for the log, without values of fields.</param>
    void Close(string why);
}
