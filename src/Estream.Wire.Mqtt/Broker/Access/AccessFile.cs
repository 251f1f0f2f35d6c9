using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Who may read and write what, in the format of mosquitto's acl_file: `user NAME` begins the rules of a user, `topic [ACCESS] FILTER` is
/// one of them (before the first user: for clients without a name), `pattern [ACCESS] FILTER` one for everybody, in which %u and %c stand
/// for user name and client identifier. ACCESS is read, write, readwrite (where none is written) or deny. Immutable and thread-safe.
/// </summary>
/// <remarks>What is not allowed is forbidden. Unlike mosquitto, a deny wins wherever it stands, and a name or identifier that would put
/// levels or wildcards into a pattern may do nothing at all.</remarks>
internal sealed class AccessFile
{
    private const string Key = "AclFile";
    private const int MaxRules = 1_000_000;
    private const string UserName = "%u";
    private const string ClientId = "%c";

    private readonly List<AccessRule> _ofNobody = [];
    private readonly List<AccessRule> _patterns = [];
    private readonly Dictionary<string, List<AccessRule>> _users = new(StringComparer.Ordinal);

    private AccessFile()
    {
    }

    /// <exception cref="WireConfigurationException">It cannot be read, has too many rules, or a line is not one; the line is
    /// named.</exception>
    public static AccessFile Load(string path)
    {
        string[] lines = ConfiguredLines.Read(Key, path, isSecret: false);
        if (lines.Length > MaxRules)
        {
            throw new WireConfigurationException(Key, $"{path} has more than {MaxRules} lines.");
        }

        AccessFile file = new();
        List<AccessRule> rules = file._ofNobody;
        for (int index = 0; index < lines.Length; index++)
        {
            string line = lines[index].Trim();
            if (line.Length > 0 && line[0] != '#' && !file.TryTake(line, ref rules))
            {
                throw new WireConfigurationException(
                    Key,
                    $"line {index + 1} of {path} is none of 'user NAME', 'topic [read|write|readwrite|deny] FILTER' and 'pattern "
                    + "[read|write|readwrite|deny] FILTER', "
                    + "in which %u and %c stand for a whole level, and in a pattern only.");
            }
        }

        return file;
    }

    /// <summary>What a client may do.</summary>
    /// <param name="user">Its user name; null where it has none.</param>
    /// <param name="clientId">Its client identifier.</param>
    public ClientAccess Of(string? user, string clientId)
    {
        List<AccessRule> rules = [.. user is null ? _ofNobody : _users.GetValueOrDefault(user) ?? []];
        foreach (AccessRule pattern in _patterns)
        {
            bool hasUser = pattern.Filter.Contains(UserName, StringComparison.Ordinal);
            if (hasUser && user is null)
            {
                continue;
            }

            if ((hasUser && !IsLevel(user!)) || (pattern.Filter.Contains(ClientId, StringComparison.Ordinal) && !IsLevel(clientId)))
            {
                return new ClientAccess([]);
            }

            rules.Add(pattern with { Filter = Fill(pattern.Filter, user, clientId) });
        }

        return new ClientAccess(rules);
    }

    private static string Fill(string pattern, string? user, string clientId)
    {
        return string.Join('/', pattern.Split('/').Select(level => level == UserName ? user : level == ClientId ? clientId : level));
    }

    /// <summary>Whether a name in the place of a level stays one level, and one that wildcards can find.</summary>
    private static bool IsLevel(string name)
    {
        return name.Length > 0 && name[0] != '$' && !name.AsSpan().ContainsAny("/+#\0");
    }

    private bool TryTake(string line, ref List<AccessRule> rules)
    {
        string word = CutWord(ref line);
        switch (word)
        {
            case "user" when line.Length > 0:
                rules = _users.TryGetValue(line, out List<AccessRule>? known) ? known : (_users[line] = []);
                return true;
            case "topic" when TryRule(line, out AccessRule? rule) && !rule.Filter.Split('/').Any(level => level is UserName or ClientId):
                rules.Add(rule);
                return true;
            case "pattern" when TryRule(line, out AccessRule? pattern):
                _patterns.Add(pattern);
                return true;
            default:
                return false;
        }
    }

    private static bool TryRule(string text, [NotNullWhen(true)] out AccessRule? rule)
    {
        string filter = text;
        string word = CutWord(ref filter);
        Access? named = word switch
        {
            "read" => Access.Read,
            "write" => Access.Write,
            "readwrite" => Access.Read | Access.Write,
            "deny" => Access.Deny,
            _ => null,
        };
        rule = named is { } access && filter.Length > 0 ? new AccessRule(access, filter) : new AccessRule(Access.Read | Access.Write, text);
        byte[] bytes = Encoding.UTF8.GetBytes(rule.Filter);
        return TopicRules.IsValidFilter(bytes) && !TopicRules.IsShared(bytes) && rule.Filter.Split('/').All(HasWholeNames);
    }

    private static bool HasWholeNames(string level)
    {
        return level is UserName or ClientId
            || !(level.Contains(UserName, StringComparison.Ordinal) || level.Contains(ClientId, StringComparison.Ordinal));
    }

    /// <summary>Takes the first word off.</summary>
    private static string CutWord(ref string text)
    {
        int end = text.IndexOfAny([' ', '\t']);
        string word = end < 0 ? text : text[..end];
        text = end < 0 ? "" : text[(end + 1)..].TrimStart();
        return word;
    }
}

/// <summary>What a rule lets a client do with the topics its filter matches.</summary>
[Flags]
internal enum Access
{
    /// <summary>Nothing, whatever other rules say.</summary>
    Deny = 0,

    /// <summary>Get them as a subscriber.</summary>
    Read = 1,

    /// <summary>Publish under them.</summary>
    Write = 2,
}

/// <summary>One line of an <see cref="AccessFile"/>.</summary>
/// <param name="Access">What it lets do.</param>
/// <param name="Filter">With which topics; of a pattern, with %u and %c in it.</param>
internal sealed record AccessRule(Access Access, string Filter);
