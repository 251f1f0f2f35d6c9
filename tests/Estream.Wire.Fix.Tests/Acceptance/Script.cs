using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>
/// Plays one acceptance script against an acceptor. Latin-1 throughout: a character is a byte.
/// </summary>
internal sealed partial class Script
{
    private const char Soh = '\u0001';

    private static readonly Dictionary<string, Regex> s_patterns = new()
    {
        ["10"] = new Regex("^[0-9]{3}$"),
        ["42"] = Time(),
        ["52"] = Time(),
        ["60"] = Time(),
        ["122"] = Time(),
    };

    // Fields that the scripts of QuickFIX/n leave to the engine.
    private static readonly string[] s_looseTags = ["9", "58"];
    private static readonly string[] s_optionalTags = ["141", "1137"];

    private readonly IScriptAcceptor _acceptor;
    private readonly bool _isLoose;
    private readonly Dictionary<string, IScriptConnection> _connections = [];

    private Script(IScriptAcceptor acceptor, bool isLoose)
    {
        _acceptor = acceptor;
        _isLoose = isLoose;
    }

    /// <summary>Plays a file.</summary>
    /// <param name="file">The script.</param>
    /// <param name="acceptor">The engine.</param>
    /// <param name="isLoose">Whether BodyLength, Text and optional fields may differ.</param>
    public static void Play(string file, IScriptAcceptor acceptor, bool isLoose)
    {
        Script script = new(acceptor, isLoose);
        int number = 0;
        foreach (string raw in File.ReadAllText(file, Encoding.Latin1).Split('\n'))
        {
            number++;
            string line = raw.Trim(' ', '\t', '\r', '\u00EF', '\u00BB', '\u00BF');
            try
            {
                script.Step(line);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{file}, line {number}: {line.Replace(Soh, '|')}", failure);
            }
        }
    }

    /// <summary>Adds BodyLength and CheckSum if the script omits them.</summary>
    public static string Whole(string message)
    {
        int headEnd = message.IndexOf(Soh, StringComparison.Ordinal) + 1;
        if (!message.StartsWith("8=", StringComparison.Ordinal) || headEnd == 0)
        {
            return message;
        }

        string head = message[..headEnd];
        string rest = message[headEnd..];
        int checkSum = rest.LastIndexOf($"{Soh}10=", StringComparison.Ordinal) + 1;
        string trailer = checkSum == 0 ? "" : rest[checkSum..];
        string body = checkSum == 0 ? rest : rest[..checkSum];
        string start = head
            + (body.StartsWith("9=", StringComparison.Ordinal) ? "" : $"9={body.Length.ToString(CultureInfo.InvariantCulture)}{Soh}")
            + body;
        int sum = Frames.Sum(Encoding.Latin1.GetBytes(start));
        return start + (trailer.Length > 0 ? trailer : $"10={sum.ToString("000", CultureInfo.InvariantCulture)}{Soh}");
    }

    [GeneratedRegex(@"^[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3,9})?$")]
    private static partial Regex Time();

    [GeneratedRegex("^(?<kind>[iIeE])((?<connection>[0-9]+),)?(?<body>.*)$", RegexOptions.Singleline)]
    private static partial Regex Line();

    [GeneratedRegex(@"<TIME(?<seconds>[+-][0-9]+)?>")]
    private static partial Regex TimeMark();

    private void Step(string line)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return;
        }

        if (line.StartsWith("sleep(", StringComparison.Ordinal))
        {
            _acceptor.Pass(double.Parse(line[6..line.IndexOf(')', StringComparison.Ordinal)], CultureInfo.InvariantCulture));
            return;
        }

        Match match = Line().Match(line);
        Assert.True(match.Success, "The line is not a valid script line.");
        string body = match.Groups["body"].Value;
        string connection = match.Groups["connection"].Value;
        switch (match.Groups["kind"].Value + (body is "CONNECT" or "DISCONNECT" ? body : ""))
        {
            case "iCONNECT":
                _connections[connection] = _acceptor.Connect();
                break;
            case "iDISCONNECT":
                _connections[connection].Dispose();
                break;
            case "eDISCONNECT":
                ExpectEnd(_connections[connection]);
                break;
            case "I":
                _connections[connection].Send(Encoding.Latin1.GetBytes(Whole(Stamped(body))));
                break;
            case "E":
                Compare(Whole(Stamped(body)), Wait(_connections[connection]));
                break;
            default:
                Assert.Fail("The line is not a valid script line.");
                break;
        }
    }

    private static string Wait(IScriptConnection connection)
    {
        string? message = connection.Next();
        Assert.True(message is not null, "The connection has ended.");
        return message;
    }

    private static void ExpectEnd(IScriptConnection connection)
    {
        Assert.Null(connection.Next());
        connection.Dispose();
    }

    private void Compare(string expected, string actual)
    {
        List<string> wanted = [.. expected.TrimEnd(Soh).Split(Soh)];
        List<string> had = [.. actual.TrimEnd(Soh).Split(Soh)];
        if (_isLoose)
        {
            had.RemoveAll(field => s_optionalTags.Contains(TagOf(field)) && !wanted.Exists(other => TagOf(other) == TagOf(field)));
        }

        string both = $"expected {string.Join('|', wanted)}, actual {string.Join('|', had)}";
        Assert.True(wanted.Select(TagOf).SequenceEqual(had.Select(TagOf)), both);
        for (int place = 0; place < wanted.Count; place++)
        {
            string tag = TagOf(wanted[place]);
            bool isFree = _isLoose && s_looseTags.Contains(tag);
            bool isSame = s_patterns.TryGetValue(tag, out Regex? pattern)
                ? pattern.IsMatch(had[place][(tag.Length + 1)..])
                : wanted[place] == had[place];
            Assert.True(isFree || isSame, $"field {tag}: {both}");
        }
    }

    private static string TagOf(string field)
    {
        int end = field.IndexOf('=', StringComparison.Ordinal);
        return end < 0 ? field : field[..end];
    }

    private string Stamped(string message)
    {
        return TimeMark().Replace(message, mark =>
        {
            int seconds = mark.Groups["seconds"].Success ? int.Parse(mark.Groups["seconds"].Value, CultureInfo.InvariantCulture) : 0;
            return _acceptor.UtcNow.AddSeconds(seconds).ToString("yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture);
        });
    }
}
