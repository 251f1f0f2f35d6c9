namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>One counterparty of an acceptor.</summary>
internal interface IScriptConnection : IDisposable
{
    /// <summary>Hands bytes to the acceptor.</summary>
    void Send(byte[] bytes);

    /// <summary>The next message that it sends, in Latin-1, or null where it ends the connection; fails where neither comes.</summary>
    string? Next();
}
