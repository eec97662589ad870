@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        'PSReviewUnusedParameter'
        # It does not see that a test uses what BeforeAll or BeforeDiscovery sets.
        'PSUseDeclaredVarsMoreThanAssignments'
    )
}
