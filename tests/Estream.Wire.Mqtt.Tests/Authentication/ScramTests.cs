using System.Security.Cryptography;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Authentication;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Authentication;

/// <summary>The SCRAM exchange, compared with the example of RFC 7677, section 3.</summary>
public sealed class ScramTests : IDisposable
{
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private readonly TempDirectory _folder = new();

    [Fact]
    public void Client_messages_match_the_example_of_RFC_7677()
    {
        ScramClient client = new("user", "pencil"u8.ToArray(), ClientNonce);

        Assert.Equal(ClientFirst, Text(client.First()));
        Assert.Equal(ClientFinal, Text(client.Answer(Bytes(ServerFirst))));
        Assert.True(client.IsRight(Bytes(ServerFinal)));
        Assert.False(client.IsRight(Bytes(ServerFinal.Replace('6', '7'))));
        Assert.Null(client.Answer(Bytes(ServerFirst)));
    }

    [Fact]
    public void Server_messages_match_the_example_of_RFC_7677()
    {
        ScramServer server = new(Users(), ServerNonce);

        Assert.Equal(ServerFirst, Text(server.Begin(Bytes(ClientFirst))));
        Assert.Equal(ServerFinal, Text(server.Finish(Bytes(ClientFinal))));
        Assert.Equal("user", server.User);
        Assert.Null(server.Finish(Bytes(ClientFinal)));
    }

    [Theory]
    [InlineData("another proof",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("a proof that is too short", "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzb")]
    [InlineData("no proof", "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")]
    [InlineData("another nonce",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("another header",
        "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("nothing", "")]
    public void Wrong_proof_is_refused(string what, string final)
    {
        Assert.NotEmpty(what);
        ScramServer server = new(Users(), ServerNonce);
        Assert.NotNull(server.Begin(Bytes(ClientFirst)));

        Assert.Null(server.Finish(Bytes(final)));
    }

    [Theory]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    [InlineData("n,a=admin,n=user,r=abc")]
    [InlineData("n,,m=ext,n=user,r=abc")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("n,,n=user,r=a c")]
    [InlineData("")]
    public void Malformed_first_message_is_refused(string first)
    {
        Assert.Null(new ScramServer(Users(), ServerNonce).Begin(Bytes(first)));
    }

    [Theory]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO%x,s=,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=somebodyelse%hvYDpWUa2R,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("e=other-error")]
    [InlineData("")]
    public void Client_does_not_answer_a_malformed_challenge_or_one_with_iterations_out_of_range(string challenge)
    {
        Assert.Null(new ScramClient("user", "pencil"u8.ToArray(), ClientNonce).Answer(Bytes(challenge)));
    }

    [Fact]
    public void User_name_with_comma_and_equals_sign_is_escaped_and_restored()
    {
        ScramServer server = new(Users(), ServerNonce);

        Assert.NotNull(server.Begin(new ScramClient("a,b=c", [], ClientNonce).First()));

        Assert.Equal("a,b=c", server.User);
    }

    [Fact]
    public void Unknown_user_gets_the_same_challenge_each_time_and_is_always_refused()
    {
        MqttScramFile users = Users();
        ScramClient client = new("nobody", "pencil"u8.ToArray(), ClientNonce);
        ScramServer server = new(users, ServerNonce);
        byte[] challenge = server.Begin(client.First())!;

        Assert.Equal(challenge, new ScramServer(users, ServerNonce).Begin(client.First()));
        Assert.Contains(",i=4096", Text(challenge), StringComparison.Ordinal);
        Assert.Null(server.Finish(client.Answer(challenge)));
    }

    [Fact]
    public void Unknown_user_gets_iterations_and_salt_length_of_a_known_user()
    {
        string keys = Convert.ToBase64String(new byte[Scram.HashBytes]);
        (int Iterations, int SaltBytes)[] shapes = [(4_096, 8), (4_096, 16), (210_000, 16), (210_000, 64)];
        string file = _folder.Combine("mixed");
        File.WriteAllLines(file,
            shapes.Select((shape, number) =>
                $"user-{number}:SCRAM-SHA-256${shape.Iterations}:{Convert.ToBase64String(new byte[shape.SaltBytes])}${keys}:{keys}"));
        ScramUsers.Protect(file);
        MqttScramFile users = MqttScramFile.Load(file);

        ScramCredentials[] asked = [.. Enumerable.Range(0, 100).Select(number => users.Find($"nobody-{number}"))];

        Assert.Equal(shapes, asked.Select(one => (one.Iterations, one.Salt.Length)).Distinct().Order());
        Assert.Equal(asked.Select(one => one.Salt), Enumerable.Range(0, 100).Select(number => users.Find($"nobody-{number}").Salt));
        Assert.All(asked, one => Assert.False(one.IsKnown));
    }

    [Fact]
    public void Password_is_overwritten_after_the_proof()
    {
        byte[] password = "pencil"u8.ToArray();
        ScramClient client = new("user", password, ClientNonce);

        Assert.NotNull(client.Answer(Bytes(ServerFirst)));

        Assert.All(password, letter => Assert.Equal(0, letter));
    }

    [Fact]
    public void Created_line_can_be_loaded()
    {
        string file = _folder.Combine("made");
        File.WriteAllLines(file, ["# devices", "", MqttScramFile.CreateLine("pump", "secret")]);
        ScramUsers.Protect(file);
        ScramServer server = new(MqttScramFile.Load(file), Scram.NewNonce());
        ScramClient client = new("pump", "secret"u8.ToArray(), Scram.NewNonce());

        byte[]? proof = server.Finish(client.Answer(server.Begin(client.First())));

        Assert.True(client.IsRight(proof));
    }

    [Theory]
    [InlineData("user")]
    [InlineData(":SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$x:y")]
    [InlineData("user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA")]
    [InlineData("user:SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA")]
    [InlineData("user:$7$101$salt$hash")]
    public void Malformed_line_is_reported_by_number_without_its_text(string line)
    {
        string file = _folder.Combine("bad");
        File.WriteAllLines(file, ["# one line before", line]);
        ScramUsers.Protect(file);

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => MqttScramFile.Load(file));

        Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("W22Za", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_throws_when_others_can_read_the_file()
    {
        string file = _folder.Combine("open");
        File.WriteAllText(file, "");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Contains("chmod 600", Assert.Throws<WireConfigurationException>(() => MqttScramFile.Load(file)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    /// <summary>The user of the RFC, whose password is "pencil".</summary>
    private MqttScramFile Users()
    {
        byte[] salted = Scram.SaltedPassword("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4_096);
        string storedKey = Convert.ToBase64String(SHA256.HashData(Scram.ClientKey(salted)));
        string file = _folder.Combine("users");
        File.WriteAllText(file,
            $"user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==${storedKey}:{Convert.ToBase64String(Scram.ServerKey(salted))}");
        ScramUsers.Protect(file);
        return MqttScramFile.Load(file);
    }

    private static byte[] Bytes(string text)
    {
        return Encoding.UTF8.GetBytes(text);
    }

    private static string Text(byte[]? bytes)
    {
        return Encoding.UTF8.GetString(bytes ?? []);
    }
}
