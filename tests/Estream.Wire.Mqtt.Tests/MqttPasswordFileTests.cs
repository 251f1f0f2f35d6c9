using System.Security.Cryptography;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests;

public sealed class MqttPasswordFileTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Fact]
    public void Verify_accepts_only_the_correct_password_every_time()
    {
        MqttPasswordFile file = Load(MqttPasswordFile.CreateLine("ann", "süß"), "# a comment", "", MqttPasswordFile.CreateLine("bob", ""));

        Assert.Equal(2, file.Count);
        for (int round = 0; round < 2; round++)
        {
            Assert.True(file.Verify("ann", Encoding.UTF8.GetBytes("süß")));
            Assert.False(file.Verify("ann", "sub"u8));
            Assert.False(file.Verify("ann", default));
            Assert.True(file.Verify("bob", default));
            Assert.False(file.Verify("bob", "x"u8));
            Assert.False(file.Verify("eve", "süß"u8));
            Assert.False(file.Verify("", default));
        }
    }

    [Fact]
    public void Two_lines_for_the_same_password_differ()
    {
        Assert.NotEqual(MqttPasswordFile.CreateLine("ann", "x"), MqttPasswordFile.CreateLine("ann", "x"));
    }

    [Theory]
    [InlineData("ann:secret")]
    [InlineData("ann")]
    [InlineData(":$7$101$c2FsdA==$AAAA")]
    [InlineData("ann:$6$c2FsdA==$AAAA")]
    [InlineData("ann:$7$0$c2FsdA==$AAAA")]
    [InlineData("ann:$7$101$???$AAAA")]
    [InlineData("ann:$7$101$c2FsdA==$AAAA")]
    [InlineData("ann:$7$99999999999$c2FsdA==$AAAA")]
    public void Malformed_line_is_reported_by_number_without_its_text(string line)
    {
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => Load("# first", line));

        Assert.Contains("line 2", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_throws_for_a_pipe_instead_of_blocking()
    {
        string pipe = _folder.Combine("pipe");
        ChildProcess.Run("mkfifo", ["--mode=600", pipe]).EnsureSuccess();

        foreach (Action load in new Action[] { () => MqttPasswordFile.Load(pipe), () => MqttScramFile.Load(pipe), () =>
            AccessFile.Load(pipe) })
        {
            Assert.Contains("is a pipe", Assert.Throws<WireConfigurationException>(load).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_throws_for_a_too_large_file_without_reading_it()
    {
        string large = _folder.Combine("large");
        using (FileStream file = new(large,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
        {
            file.SetLength(ConfiguredLines.MaxBytes + 1);
        }

        foreach (Action load in new Action[] { () => MqttPasswordFile.Load(large), () => MqttScramFile.Load(large), () =>
            AccessFile.Load(large) })
        {
            Assert.Contains("the limit is", Assert.Throws<WireConfigurationException>(load).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_names_a_missing_file()
    {
        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => MqttPasswordFile.Load(_folder.Combine("none")));

        Assert.Contains("none", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_password_costs_the_same_for_all_users()
    {
        MqttPasswordFile file = Load(Line("old", "x", 101), Line("new", "y", 5_000));

        foreach (string user in new[] { "old", "new", "nobody" })
        {
            long before = file.IterationsSpent;
            Assert.False(file.Verify(user, "wrong"u8));
            Assert.Equal(5_000, file.IterationsSpent - before);
        }

        Assert.True(file.Verify("old", "x"u8));
        Assert.True(file.Verify("new", "y"u8));
    }

    [Fact]
    public void Load_throws_when_others_can_read_the_file()
    {
        string path = _folder.Combine("passwords");
        SecretFiles.Write(path, Line("a", "x", 1));
        SecretFiles.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => MqttPasswordFile.Load(path));
        Assert.Contains("Run: chmod 600", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_throws_when_there_are_too_many_users()
    {
        string path = _folder.Combine("passwords");
        SecretFiles.Write(path, string.Join('\n', Line("a", "x", 1), Line("b", "x", 1), Line("c", "x", 1)));

        Assert.Equal(3, MqttPasswordFile.Load(path, maxUsers: 3).Count);
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => MqttPasswordFile.Load(path, maxUsers: 2));
        Assert.Contains("more than 2 users", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:b")]
    [InlineData("a\nb")]
    public void CreateLine_throws_for_a_user_name_with_colon_or_line_break(string user)
    {
        Assert.Throws<ArgumentException>(() => MqttPasswordFile.CreateLine(user, "x"));
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    /// <summary>A line in the format of mosquitto_passwd, with a given number of iterations.</summary>
    private static string Line(string user, string password, int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(12);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, 64);
        return $"{user}:$7${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
    }

    private MqttPasswordFile Load(params string[] lines)
    {
        string file = _folder.Combine("passwords");
        SecretFiles.Write(file, string.Join('\n', lines));
        return MqttPasswordFile.Load(file);
    }
}
