using Estream.Queue;

namespace Estream.Streams.Mpc;

/// <summary>Appends the posts of a party to the transcript, with an authentication code for each other party.</summary>
internal sealed class MpcPoster(MpcBoard board, MpcSecrets secrets, int party, QueueAppender appender)
{
    public void Post(MpcRound round, ReadOnlySpan<byte> body)
    {
        byte[] tags = new byte[round is MpcRound.Share or MpcRound.Abort ? 0 : board.Parties * MpcHash.Bytes];
        var post = new MpcPost(board.Start.Session, party, round, board.Digest, body, tags);
        for (int other = 0; other * MpcHash.Bytes < tags.Length; other++)
        {
            if (other != party)
            {
                MpcHash.OfPost(secrets.KeyFrom(other), in post, tags.AsSpan(other * MpcHash.Bytes, MpcHash.Bytes));
            }
        }

        using AppendClaim claim = appender.Claim(MpcPostRecord.FixedLength + body.Length + tags.Length);
        MpcPostRecord.Writer writer = MpcPostRecord.Write(claim.Span);
        writer.SetSession(post.Session);
        writer.Party = (ushort)party;
        writer.Round = round;
        writer.SetTranscript(post.Transcript);
        writer.SetBody(body);
        writer.SetTags(tags);
        claim.Commit(writer.Length);
    }
}
