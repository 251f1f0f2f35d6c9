namespace Estream.Marketplace.Trust.Roles;

/// <summary>A document that was verified, with the bytes it came in.</summary>
internal sealed record SignedRole<TDocument>(TDocument Document, byte[] Envelope)
    where TDocument : RoleDocument
{
    /// <summary>Whether both say the same, whoever signed them how often.</summary>
    public bool SaysTheSameAs(TDocument other) => Document.ToPayload().AsSpan().SequenceEqual(other.ToPayload());
}
