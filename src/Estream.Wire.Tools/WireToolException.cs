using Estream.Core;

namespace Estream.Wire.Tools;

/// <summary>A feed, a recording or a replay cannot begin or go on. The message is one line for the user.</summary>
internal sealed class WireToolException(string message) : EstreamException(message, path: null, isTransient: false, innerException: null);
