using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Username and Password of a Logon: sent, required, never stored, and never part of a message for people.</summary>
public sealed class CredentialTests : IDisposable
{
    private const string Sixteen = "0123456789abcdef";
    private const string SixtyFour = Sixteen + Sixteen + Sixteen + Sixteen;
    private const string TooLong = SixtyFour + SixtyFour + SixtyFour + SixtyFour + "0";

    private readonly TempDirectory _folder = new();
    private readonly FixSessionOptions _options;

    public CredentialTests()
    {
        File.WriteAllText(_folder.Combine("password"), "open sesame\n");
        File.SetUnixFileMode(_folder.Combine("password"), SecretFile.OwnerOnly);
        _options = SessionRig.Options() with { Username = "desk", PasswordFile = _folder.Combine("password") };
    }

    [Fact]
    public void Initiator_sends_username_and_password_and_stores_no_password()
    {
        SessionRig rig = new(_options);

        Assert.True(rig.Connect(isInitiator: true));

        Assert.Equal("35=A|34=1|98=0|108=30|553=desk|554=open sesame|", rig.Next());
        Assert.True(rig.Store.TryRead(1, out ReadOnlySpan<byte> kept));
        Assert.Contains("|553=desk|", Frames.Text(kept), StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", Frames.Text(kept), StringComparison.Ordinal);
        rig.Receive("35=A|98=0|108=30|");
        Assert.True(rig.Session.IsLoggedOn);
        Assert.Equal(2, rig.Store.NextOutgoing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("553=desk|")]
    [InlineData("554=open sesame|")]
    [InlineData("553=desk|554=open sesam|")]
    [InlineData("553=desk|554=open sesame!|")]
    [InlineData("553=Desk|554=open sesame|")]
    public void Acceptor_refuses_a_Logon_without_correct_username_and_password(string said)
    {
        SessionRig rig = new(_options);
        rig.Connect();

        rig.Receive($"35=A|98=0|108=30|{said}");

        Assert.NotNull(rig.Closed);
        Assert.DoesNotContain("sesam", rig.Closed, StringComparison.Ordinal);
        rig.NothingMore();
        Assert.Empty(rig.Application.Happened);
        Assert.Equal(1, rig.Store.NextIncoming);
    }

    [Fact]
    public void Acceptor_accepts_correct_credentials_and_sends_none()
    {
        SessionRig rig = new(_options);
        rig.Connect();

        rig.Receive("35=A|98=0|108=30|553=desk|554=open sesame|");

        Assert.Equal("35=A|34=1|98=0|108=30|", rig.Next());
        Assert.True(rig.Session.IsLoggedOn);
    }

    [Fact]
    public void Changed_password_applies_from_the_next_Logon()
    {
        SessionRig rig = new(_options);
        File.WriteAllText(_folder.Combine("password"), "another");
        rig.Connect();
        rig.Receive("35=A|98=0|108=30|553=desk|554=open sesame|");
        Assert.NotNull(rig.Closed);

        rig.Connect();
        rig.Receive(1, "35=A|98=0|108=30|553=desk|554=another|");

        Assert.True(rig.Session.IsLoggedOn);
    }

    [Fact]
    public void Password_from_an_environment_variable_is_used_and_never_revealed()
    {
        const string variable = "ESTREAM_TEST_FIX_PASSWORD";
        FixSessionOptions options = _options with { PasswordFile = null, PasswordEnv = variable };
        Environment.SetEnvironmentVariable(variable, "open sesame");
        SessionRig initiator = new(options);
        SessionRig acceptor = new(options);

        Assert.True(initiator.Connect(isInitiator: true));
        Assert.EndsWith("|553=desk|554=open sesame|", initiator.Next(), StringComparison.Ordinal);
        Assert.True(initiator.Store.TryRead(1, out ReadOnlySpan<byte> kept));
        Assert.DoesNotContain("sesame", Frames.Text(kept), StringComparison.Ordinal);
        acceptor.Connect();
        acceptor.Receive("35=A|98=0|108=30|553=desk|554=open sesam|");
        Assert.DoesNotContain("sesam", acceptor.Closed!, StringComparison.Ordinal);
        acceptor.Connect();
        acceptor.Receive(1, "35=A|98=0|108=30|553=desk|554=open sesame|");
        Assert.True(acceptor.Session.IsLoggedOn);

        Environment.SetEnvironmentVariable(variable, null);
        SessionRig without = new(options);
        WireConnectionException failure = Assert.Throws<WireConnectionException>(() => without.Connect(isInitiator: true));
        Assert.Contains($"{variable} is not set", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("a\u0001b")]
    [InlineData(TooLong)]
    [InlineData(null)]
    public void Password_file_without_a_valid_password_is_reported(string? content)
    {
        string file = _folder.Combine("empty");
        if (content is not null)
        {
            File.WriteAllText(file, content);
            File.SetUnixFileMode(file, SecretFile.OwnerOnly);
        }

        SessionRig rig = new(_options with { PasswordFile = file });

        WireConnectionException failure = Assert.Throws<WireConnectionException>(() => rig.Connect(isInitiator: true));
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        Assert.NotNull(rig.Closed);
        rig.NothingMore();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Password_file_that_others_can_read_is_refused(bool isInitiator)
    {
        File.SetUnixFileMode(_options.PasswordFile!, SecretFile.OwnerOnly | UnixFileMode.GroupRead);
        SessionRig rig = new(_options);

        WireConnectionException failure = Assert.Throws<WireConnectionException>(() =>
        {
            rig.Connect(isInitiator);
            rig.Receive("35=A|98=0|108=30|553=desk|554=open sesame|");
        });

        Assert.Contains("chmod 600", failure.Message, StringComparison.Ordinal);
        Assert.False(rig.Session.IsLoggedOn);
        rig.NothingMore();
    }

    [Fact]
    public void Invalid_Logon_options_are_refused()
    {
        FixSessionOptions old = SessionRig.Options(FixProtocol.Fix42);
        Assert.Throws<ArgumentException>(() => new SessionRig(old with { Username = "desk" }));
        Assert.Throws<ArgumentException>(() => new SessionRig(old with { SendsNextExpectedMsgSeqNum = true }));
        Assert.Throws<ArgumentException>(() => new SessionRig(_options with { Username = null }));
        Assert.Throws<ArgumentException>(() => new SessionRig(_options with { PasswordEnv = "PASSWORD" }));
        Assert.Throws<ArgumentException>(() => new SessionRig(_options with { Username = "a\u0001b" }));
        Assert.Throws<ArgumentException>(() => new SessionRig(_options with { PeerCertificateName = "no name" }));
    }

    public void Dispose()
    {
        _folder.Dispose();
    }
}
