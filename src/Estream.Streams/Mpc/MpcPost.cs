namespace Estream.Streams.Mpc;

/// <summary>What a party says in a round, before or after it is a message.</summary>
internal readonly ref struct MpcPost
{
    public MpcPost(ReadOnlySpan<byte> session, int party, MpcRound round, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> body,
        ReadOnlySpan<byte> tags)
    {
        Session = session;
        Party = party;
        Round = round;
        Transcript = transcript;
        Body = body;
        Tags = tags;
    }

    public ReadOnlySpan<byte> Session { get; }

    public int Party { get; }

    public MpcRound Round { get; }

    public ReadOnlySpan<byte> Transcript { get; }

    public ReadOnlySpan<byte> Body { get; }

    public ReadOnlySpan<byte> Tags { get; }

    /// <summary>Whether a message is a whole post. One that is not says nothing: who posted it is silent.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out MpcPost post)
    {
        if (MpcPostRecord.View.TryOf(message, out MpcPostRecord.View record) && MpcPostRecord.Validate(message).IsOk)
        {
            post = new MpcPost(record.Session, record.Party, record.Round, record.Transcript, record.Body, record.Tags);
            return true;
        }

        post = default;
        return false;
    }
}
