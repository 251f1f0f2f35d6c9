using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The access rights of clients, in the format of mosquitto's acl_file. `user NAME` starts the rules of a user. `topic [ACCESS] FILTER` is
/// a rule of that user or, before the first `user`, of clients without a user name. `pattern [ACCESS] FILTER` is a rule for all clients, in
/// which %u stands for the user name and %c for the client identifier. ACCESS is read, write, readwrite (the default) or deny. Immutable
/// and thread-safe.
/// </summary>
/// <remarks>Access that no rule allows is forbidden. Unlike in mosquitto, a deny rule wins regardless of its place in the file. A client
/// whose user name or client identifier would add levels or wildcards to a pattern has no rights at all.</remarks>
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

    /// <exception cref="WireConfigurationException">The file cannot be read, has too many lines, or has a line that is not valid; the
    /// message gives the number of the line.</exception>
    public static AccessFile Load(string path)
    {
        string[] lines = ConfiguredLines.Read(Key, path, isSecret: false);
        if (lines.Length > MaxRules)
        {
            throw new WireConfigurationException(Key, $"{path} has more than {MaxRules} lines. Remove unused rules.");
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
                    $"line {index + 1} of {path} must be 'user NAME', 'topic [read|write|readwrite|deny] FILTER' or 'pattern "
                    + "[read|write|readwrite|deny] FILTER', "
                    + "with %u and %c only in a pattern and only as a whole level.");
            }
        }

        return file;
    }

    /// <summary>Returns the rights of a client.</summary>
    /// <param name="user">The user name; null for none.</param>
    /// <param name="clientId">The client identifier.</param>
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

    /// <summary>Whether a name is a single level without wildcards and without a leading $, so that it can replace a level of a
    /// pattern.</summary>
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

    /// <summary>Removes and returns the first word.</summary>
    private static string CutWord(ref string text)
    {
        int end = text.IndexOfAny([' ', '\t']);
        string word = end < 0 ? text : text[..end];
        text = end < 0 ? "" : text[(end + 1)..].TrimStart();
        return word;
    }
}

/// <summary>The access that a rule allows to the topics that its filter matches.</summary>
[Flags]
internal enum Access
{
    /// <summary>No access, regardless of other rules.</summary>
    Deny = 0,

    /// <summary>Receiving messages as a subscriber.</summary>
    Read = 1,

    /// <summary>Publishing messages.</summary>
    Write = 2,
}

/// <summary>One line of an <see cref="AccessFile"/>.</summary>
/// <param name="Access">The access that the rule allows.</param>
/// <param name="Filter">The topic filter; in a pattern it may contain %u and %c.</param>
internal sealed record AccessRule(Access Access, string Filter);
