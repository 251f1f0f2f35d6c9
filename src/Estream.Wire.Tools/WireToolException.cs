using Estream.Core;

namespace Estream.Wire.Tools;

/// <summary>A feed, recording or replay cannot start or continue. The message is one line for the user.</summary>
internal sealed class WireToolException(string message) : EstreamException(message, path: null, isTransient: false, innerException: null);
