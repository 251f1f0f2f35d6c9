using System.Text;
using Estream.Crypto;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>Notes and keys of C2SP signed-note and tlog-checkpoint, with notes signed by other implementations.</summary>
public sealed class SignedNoteTests
{
    // The example of golang.org/x/mod/sumdb/note (BSD 3-Clause): key, text, and signature.
    private const string PeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string PeterText =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string PeterLine =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    // The example of C2SP signed-note (CC BY 4.0).
    private const string ExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string ExampleNote =
        "This is an example message.\n\n— example.com/foo "
        + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    [Theory]
    [InlineData(PeterKey, PeterText + "\n" + PeterLine)]
    [InlineData(ExampleKey, ExampleNote)]
    public void Notes_signed_by_other_implementations_verify(string vkey, string text)
    {
        SignedNote note = Parse(text);
        Assert.True(NoteKey.TryParse(vkey, out NoteKey? key));
        Assert.Equal(vkey, key.ToString());
        Assert.True(key.Verify(note.Text, note.Signatures[0], out long time));
        Assert.Equal(0, time);
        Assert.False(key.Verify("another text\n"u8, note.Signatures[0], out _));
        Assert.Equal(text, Encoding.UTF8.GetString(note.Encode()));
    }

    [Fact]
    public void Signature_naming_another_key_does_not_verify()
    {
        SignedNote note = Parse(PeterText + "\n" + PeterLine);
        Assert.True(NoteKey.TryParse(ExampleKey, out NoteKey? other));
        Assert.False(other.IsNamedBy(note.Signatures[0]));
        Assert.False(other.Verify(note.Text, note.Signatures[0], out _));
    }

    [Fact]
    public void Changed_or_truncated_vkey_is_rejected()
    {
        for (int at = 0; at < PeterKey.Length; at++)
        {
            // The key id depends on the name, so a changed name is detected too.
            Assert.False(NoteKey.TryParse(PeterKey[..at] + (char)(PeterKey[at] + 1) + PeterKey[(at + 1)..], out _), $"at {at}");
            Assert.False(NoteKey.TryParse(PeterKey[..at], out _));
            Assert.False(NoteKey.TryParse(PeterKey[(at + 1)..], out _));
        }
    }

    [Fact]
    public void Vkeys_of_every_kind_round_trip()
    {
        using LogRig rig = new();
        foreach (NoteKeyKind kind in Enum.GetValues<NoteKeyKind>())
        {
            NoteKey key = rig.Witness("witness.example/w1", 9, kind).Key;
            Assert.True(NoteKey.TryParse(key.ToString(), out NoteKey? read));
            Assert.Equal((key.Kind, key.KeyId, key.Name), (read.Kind, read.KeyId, read.Name));
        }
    }

    [Theory]
    [InlineData("", NoteFault.NoSignatures)]
    [InlineData("text\n", NoteFault.NoSignatures)]
    [InlineData("text\n\n", NoteFault.NoSignatures)]
    [InlineData(PeterText + "\n" + "— PeterNeumann x08go/ZJ", NoteFault.NoSignatures)]
    [InlineData(PeterText + "\n" + "- PeterNeumann x08go/ZJ\n", NoteFault.SignatureLine)]
    [InlineData(PeterText + "\n" + "—PeterNeumann x08go/ZJ\n", NoteFault.SignatureLine)]
    [InlineData(PeterText + "\n" + "—  x08go/ZJ\n", NoteFault.SignatureLine)]
    [InlineData(PeterText + "\n" + "— Peter+Neumann x08go/ZJ\n", NoteFault.SignatureLine)]
    [InlineData(PeterText + "\n" + "— PeterNeumann x08go/==\n", NoteFault.SignatureLine)]
    [InlineData(PeterText + "\n" + "— PeterNeumann x08go/Z\n", NoteFault.SignatureLine)]
    [InlineData(PeterText + "\n" + "— PeterNeumann x08go/ZJ x\n", NoteFault.SignatureLine)]
    [InlineData("a\rb\n\n— x x08go/ZJ\n", NoteFault.Characters)]
    [InlineData("a\0b\n\n— x x08go/ZJ\n", NoteFault.Characters)]
    public void Invalid_note_is_rejected_with_its_reason(string text, NoteFault expected)
    {
        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out _, out NoteFault fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Note_that_is_not_text_or_too_long_is_rejected()
    {
        Assert.False(SignedNote.TryParse([.. "a"u8, 0xFF, .. "\n\n— x x08go/ZJ\n"u8], out _, out NoteFault fault));
        Assert.Equal(NoteFault.Characters, fault);
        Assert.False(SignedNote.TryParse(new byte[SignedNote.MaxBytes + 1], out _, out fault));
        Assert.Equal(NoteFault.TooLong, fault);
        string many = string.Concat(Enumerable.Repeat("— x x08go/ZJ\n", SignedNote.MaxSignatures + 1));
        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes("a\n\n" + many), out _, out fault));
        Assert.Equal(NoteFault.TooManySignatures, fault);
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes("a\n\n" + many[..^13]), out _, out _));
    }

    [Fact]
    public void The_text_ends_at_the_last_blank_line()
    {
        SignedNote note = Parse("a\n\nb\n\n— x x08go/ZJ\n");
        Assert.Equal("a\n\nb\n", Encoding.UTF8.GetString(note.Text));
    }

    [Theory]
    [InlineData("example.org/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.None)]
    [InlineData("example.org/log\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.None)]
    [InlineData("\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.Lines)]
    [InlineData("a b\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.Lines)]
    [InlineData("example.org/log\n5\n", NoteFault.Lines)]
    [InlineData("example.org/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nan extension\n", NoteFault.Lines)]
    [InlineData("example.org/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", NoteFault.Lines)]
    [InlineData("example.org/log\n05\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.Size)]
    [InlineData("example.org/log\n-5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.Size)]
    [InlineData("example.org/log\n+5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.Size)]
    [InlineData("example.org/log\n9223372036854775808\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", NoteFault.Size)]
    [InlineData("example.org/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", NoteFault.Root)]
    [InlineData("example.org/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", NoteFault.Root)]
    [InlineData("example.org/log\n5\nCsUYapGGPo4d\n", NoteFault.Root)]
    public void Checkpoint_in_a_non_canonical_form_is_rejected(string text, NoteFault expected)
    {
        Assert.Equal(expected == NoteFault.None,
            Checkpoint.TryParse(Encoding.UTF8.GetBytes(text), out Checkpoint? checkpoint, out NoteFault fault));
        Assert.Equal(expected, fault);
        Assert.Equal(expected == NoteFault.None ? text : null, checkpoint is null ? null : Encoding.ASCII.GetString(checkpoint.Encode()));
    }

    [Fact]
    public void Release_signature_is_not_valid_for_a_checkpoint()
    {
        using LogRig rig = new();
        Checkpoint checkpoint = new(LogRig.Origin, 1, new byte[32]);
        NoteSigner signer = rig.Signers[0];
        NoteSignature good = signer.Sign(checkpoint);
        Assert.True(signer.Key.Verify(checkpoint.Encode(), good, out _));

        // Signs the same bytes with the same key, but with no context or the context of another document type.
        using ISigner key = LogRig.MlDsa(1);
        byte[] message = CosignedMessage.Of(NoteKeyKind.MlDsa87Cosignature, LogRig.Origin, rig.Clock.Now.ToUnixTimeSeconds(), checkpoint);
        foreach (byte[] context in new byte[][] { [], [.. "estream-mkt/release/v1"u8], [.. "estream-mkt/root/v1"u8],
            [.. "estream-mkt/timestamp/v1"u8] })
        {
            byte[] bytes = good.Signature.ToArray();
            key.Sign(message, context, bytes.AsSpan(8));
            Assert.False(signer.Key.Verify(checkpoint.Encode(), good with { Signature = bytes }, out _));
        }
    }

    private static SignedNote Parse(string text)
    {
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out SignedNote? note, out NoteFault fault), fault.ToString());
        return note;
    }
}
